/**
 * What passwords are made of most: words that people choose when asked for one, first names, teams, cars,
 * places, keyboard walks. Put together for this project from what is generally known; letters only, lower
 * case, with the usual digits-for-letters undone.
 */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  `password passwort passwords passw passwd parola motdepasse contrasena contraseña senha wachtwoord haslo
  qwerty qwertyui qwertyuiop qwertz qwertzuiop azerty azertyuiop asdf asdfg asdfgh asdfghjk asdfghjkl zxcvb
  zxcvbn zxcvbnm qweasd qweasdzxc qazwsx qazwsxedc qwer qwerasdf wasd asdfjkl poiuytrewq lkjhgfdsa mnbvcxz
  zaqxsw qaz wsx edc rfv abc abcd abcde abcdef abcdefg abcdefgh abcdefghi abcdefghij aaa aaaa xxx zzz
  letmein letmeinnow welcome welcomehome hello hellothere helloworld login logon signin access open opensesame
  admin administrator administration root toor superuser superadmin sysadmin user username guest test tester
  testing testtest demo default changeme changeit changethis secret topsecret secrets private master server
  system manager service support office computer internet network windows linux ubuntu google facebook twitter
  youtube amazon ebay paypal apple android iphone samsung nokia microsoft adobe oracle cisco database
  iloveyou iloveu iloveme ilovehim iloveher iloveit loveyou loveme lovely love lover lovers loves ilove
  sunshine princess princesa prince dragon monkey shadow football baseball basketball softball hockey soccer
  golf golfer tennis cricket rugby skater surfer hunter hunting fishing fisher ranger rangers cowboy cowboys
  yankees lakers chelsea arsenal liverpool barcelona realmadrid manchester manutd juventus bayern dortmund
  steelers eagles packers broncos raiders redskins dolphins patriots giants panthers tigers lions bears bulls
  superman batman spiderman ironman starwars startrek pokemon pikachu naruto mario zelda minecraft fortnite
  matrix gandalf frodo hogwarts harrypotter voldemort darkness nightmare warrior wizard ninja samurai pirate
  killer hacker hacked gangster soldier knight angel angels devil demon jesus jesuschrist christ heaven
  blessed blessing faith hope grace trust trustno trustnoone trustnobody nothing whatever anything something
  everything freedom liberty victory victoria champion winner winning forever together always never lucky
  happy happiness smile smiley funny crazy cool awesome amazing perfect beautiful pretty sexy sexybaby baby
  babygirl babyboy babe honey sweet sweetie sweety sweetheart sugar candy cookie cookies chocolate vanilla
  cheese pizza burger banana orange lemon cherry strawberry pepper ginger coffee whiskey vodka tequila
  flower flowers rose roses daisy lily jasmine violet butterfly rainbow summer winter spring autumn season
  january february march april may june july august september october november december monday tuesday
  wednesday thursday friday saturday sunday birthday christmas holiday holidays vacation weekend midnight
  morning sunset moonlight stars starlight galaxy cosmos universe planet earth ocean beach island river
  mountain forest thunder lightning storm hurricane tornado snow snowball snowman winter fire phoenix
  silver golden gold diamond diamonds crystal platinum titanium purple yellow green black white blue red pink
  puppy doggy dog dogs doggie kitty kitten cat cats tiger lion wolf wolves bear horse horses pony unicorn
  dolphin shark whale eagle falcon hawk raven turtle rabbit bunny hamster elephant panda koala spider snake
  mercedes ferrari porsche lamborghini bmw audi honda toyota nissan mustang camaro corvette chevy chevrolet
  ford harley yamaha suzuki kawasaki ducati jeep subaru volvo jaguar maverick cadillac
  london paris berlin madrid lisbon rome moscow tokyo newyork chicago boston dallas houston austin phoenix
  denver seattle miami florida texas california arizona canada america american england ireland scotland
  germany france italy spain brazil mexico india china russia australia africa
  michael jennifer jordan michelle jessica ashley andrew joshua daniel matthew anthony william robert thomas
  charles charlie george richard joseph david james john johnny johnson brandon justin jason austin nicole
  nicholas christopher christian christina alexander alexandra alexis samantha stephanie elizabeth patricia
  jonathan benjamin natalie melissa amanda danielle rebecca rachel sarah hannah heather kimberly katherine
  catherine margaret martha maria marina monica veronica victor vincent patrick phillip peter oliver olivia
  sophie sophia isabella emily emma lauren taylor morgan madison jackson buster maggie molly sophie bailey
  rocky max lucky cooper tucker jake sam sammy samson toby teddy harley princess tigger winnie snoopy garfield
  scooby mickey minnie donald goofy bambi cinderella barbie tinkerbell pepsi cocacola nike adidas gucci prada
  metallica nirvana slipknot eminem rihanna beyonce shakira madonna elvis beatles rockstar rocknroll hiphop
  guitar piano music musica dancer dancing singer movie movies player playboy playgirl gamer gaming games
  money dollar dollars million millionaire business company bank banker credit account student school college
  university teacher doctor nurse police lawyer engineer family mother father mommy daddy mama papa brother
  sister friend friends bestfriend bestfriends boyfriend girlfriend husband wife marriage family grandma
  please thankyou thanks goodluck goodbye goodmorning goodnight getout goaway fuckyou fuckoff fuck fucker
  fuckme asshole bitch bullshit shit pussy penis boobs bigdick sexy sex porn hardcore badboy badgirl
  marketplace everopen shopping shop shopper seller buyer customer store order orders market sale sales`
    .split(/\s+/)
    .filter(Boolean),
);
