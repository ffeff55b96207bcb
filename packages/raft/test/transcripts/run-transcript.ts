import type { Configuration, MemberId } from '../../src/index.ts';
import { describeConfiguration, describeEntry } from '../simulation/describe-message.ts';
import { SimulatedCluster } from '../simulation/simulated-cluster.ts';
import type { SimulatedMember } from '../simulation/simulated-member.ts';

/** Rounds until a cluster that is left alone must be quiet. */
const STABILIZE_ROUNDS_MAX = 200;

/**
 * Plays a scenario, and gives it back with what happened. A file is a story: paragraphs of commands, each followed by a
 * line `----` and what members did, one line each; lines with `#` are for the reader. (The form is that of
 * cockroachdb/datadriven, which etcd's raft uses for the same purpose.)
 *
 *     cluster 1 2 3 [with 4 5] [appending 1]   founders, others that know of the cluster, entries of one append
 *     stabilize [1 2] [quietly] [until 1 leads]   turns, writes, deliveries, until nobody (or none of these) has
 *                                  anything to do, or until then; in words or without
 *     campaign 1 · propose 1 [n] · read 1 · transfer 1 to 2
 *     tick 1 [n] · tick-all n      of all: each time until everything is settled
 *     suspect 1 2 · forget 1 2     1 hears that the process of 2 is gone; 1 and 2 hear that of their leader
 *     configure 1: 1 2 3 | 4       voters | learners
 *     turn 1 · write 1 · hang 1    the end of a turn; the oldest write is on disk; no write ever ends
 *     deliver 1>2 · drop 1>2       what is under way on a link
 *     cut 1>2 · isolate 1 · heal   links
 *     crash 1 · start 1 · save 1 · compact 1
 *     log                          what is in the logs, how much of it is committed (`!`) and on disk (`|`)
 */
export function runTranscript(text: string): string {
  const stage = new Stage();
  const paragraphs = text.trimEnd().split(/\n{2,}/);
  return `${paragraphs.map((paragraph) => playParagraph(stage, paragraph)).join('\n\n')}\n`;
}

function playParagraph(stage: Stage, paragraph: string): string {
  const [told] = paragraph.split(/^----$/m) as [string];
  const lines = told.trimEnd().split('\n');
  const commands = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (commands.length === 0) return lines.join('\n');
  const happened = commands.flatMap((command) => stage.perform(command));
  return [...lines, '----', ...(happened.length > 0 ? happened : ['nothing'])].join('\n');
}

class Stage {
  private cluster: SimulatedCluster | undefined;
  private lines: string[] = [];
  private readonly hanging = new Set<MemberId>();

  perform(command: string): string[] {
    this.lines = [];
    const [verb = '', ...words] = command.split(/[ :]+/);
    this.act(verb, words);
    return this.lines;
  }

  private act(verb: string, words: string[]): void {
    if (verb === 'cluster') return this.found(words);
    if (verb === 'heal') return this.on.cuts.clear();
    if (verb === 'log') return this.showLogs();
    if (verb === 'stabilize') return this.stabilize(words);
    if (verb === 'tick-all') return this.tickAll(Number(words[0]));
    if (verb === 'forget') return this.forget(words.map(Number));
    if (verb === 'hang') return void this.hanging.add(Number(words[0]));
    if (verb === 'cut') return void this.on.cuts.add(words[0] ?? '');
    if (verb === 'deliver' || verb === 'drop') return this.carry(verb, words[0] ?? '');
    this.actOn(this.memberOf(Number(words[0])), verb, words.slice(1));
  }

  private actOn(member: SimulatedMember, verb: string, words: string[]): void {
    const number = Number(words.at(-1) ?? 1);
    const { on: cluster } = this;
    switch (verb) {
      case 'campaign':
        return cluster.campaign(member);
      case 'propose':
        for (let i = 0; i < number; i++) cluster.propose(member);
        return;
      case 'read':
        return cluster.read(member);
      case 'transfer':
        return cluster.transfer(member, number);
      case 'configure':
        return cluster.changeConfiguration(member, parseConfiguration(words));
      case 'tick':
        for (let i = 0; i < number; i++) cluster.tick(member);
        return;
      case 'suspect':
        return cluster.suspect(member, number);
      case 'turn':
        return cluster.takeReady(member);
      case 'write':
        return cluster.finishWrite(member);
      case 'isolate':
        return cluster.isolate(member.id, { hears: false, isHeard: false });
      case 'crash':
        return cluster.crash(member, words.length === 0 ? 0 : number);
      case 'start':
        return cluster.start(member);
      case 'save':
        return cluster.saveState(member);
      case 'compact':
        return cluster.compact(member, 0);
      default:
        throw new Error(`No such command: ${verb}`);
    }
  }

  private get on(): SimulatedCluster {
    if (this.cluster === undefined) throw new Error('A transcript begins with `cluster`');
    return this.cluster;
  }

  private found(words: string[]): void {
    const after = (word: string): number[] => {
      const at = words.indexOf(word);
      return at === -1 ? [] : numbersFrom(words.slice(at + 1));
    };
    const [appendMaxEntries] = after('appending');
    const note = (member: string, what: string): void => void this.lines.push(`${member} ${what}`);
    this.cluster = new SimulatedCluster({
      seed: 1,
      voters: numbersFrom(words),
      others: after('with'),
      limits: appendMaxEntries === undefined ? {} : { appendMaxEntries },
      trace: { note },
    });
  }

  private stabilize(words: readonly string[]): void {
    const { on: cluster } = this;
    const ids = numbersFrom(words);
    const takesPart = (member: SimulatedMember): boolean => ids.length === 0 || ids.includes(member.id);
    const until = words.includes('until') ? this.memberOf(Number(words.at(-2))) : undefined;
    const told = this.lines.length;
    for (let round = 0; round < STABILIZE_ROUNDS_MAX; round++) {
      const members = cluster.awake.filter(takesPart);
      for (const member of members) this.settle(member);
      const arriving = cluster.inFlight.filter(({ message }) => takesPart(this.memberOf(message.to)));
      for (const travelling of arriving) cluster.deliver(cluster.inFlight.indexOf(travelling));
      const isQuiet = arriving.length === 0 && !members.some(({ isDue }) => isDue);
      if (isQuiet || until?.core.status.role === 'leader') {
        if (words.includes('quietly')) this.lines.length = told;
        return;
      }
    }
    throw new Error('The cluster does not come to rest');
  }

  private settle(member: SimulatedMember): void {
    const { on: cluster } = this;
    if (member.isDue) cluster.takeReady(member);
    while (member.stored.isWriting && !this.hanging.has(member.id)) cluster.finishWrite(member);
    if (member.core.applicable > member.machine.applied) cluster.apply(member, 100);
  }

  private tickAll(ticks: number): void {
    const before = this.lines.length;
    for (let i = 0; i < ticks; i++) {
      for (const member of this.on.awake) this.on.tick(member);
      this.stabilize([]);
    }
    const news = this.lines.splice(before).filter((line) => / is \w+ in term /.test(line));
    this.lines.push(...news);
  }

  private forget(ids: readonly MemberId[]): void {
    for (const id of ids) this.on.suspect(this.memberOf(id), this.memberOf(id).core.status.leader);
  }

  private carry(verb: 'deliver' | 'drop', link: string): void {
    const { on: cluster } = this;
    const onLink = cluster.inFlight.filter(({ message }) => `${message.from}>${message.to}` === link);
    for (const travelling of onLink) cluster[verb](cluster.inFlight.indexOf(travelling));
  }

  private showLogs(): void {
    for (const { id, core } of this.on.members.filter(({ isUp }) => isUp)) {
      const { commit, durable } = core.status;
      const { snapshot, lastIndex } = core.log;
      const entries = [];
      for (let index = snapshot.index + 1; index <= lastIndex; index++) {
        const entry = core.log.entryAt(index);
        const marks = `${index === commit ? '!' : ''}${index === durable ? '|' : ''}`;
        if (entry !== undefined) entries.push(describeEntry(entry) + marks);
      }
      const base = `${snapshot.index}@${snapshot.term} ${describeConfiguration(snapshot.configuration)}`;
      this.lines.push(`${id} [${base}] ${entries.join(' ')}`.trimEnd());
    }
  }

  private memberOf(id: MemberId): SimulatedMember {
    const member = this.on.members.find((one) => one.id === id);
    if (member === undefined) throw new Error(`No member ${id}`);
    return member;
  }
}

/** The numbers that a list begins with. */
function numbersFrom(words: readonly string[]): number[] {
  const end = words.findIndex((word) => !/^\d+$/.test(word));
  return words.slice(0, end === -1 ? undefined : end).map(Number);
}

function parseConfiguration(words: readonly string[]): Configuration {
  const at = words.indexOf('|');
  return {
    voters: words.slice(0, at === -1 ? undefined : at).map(Number),
    learners: at === -1 ? [] : words.slice(at + 1).map(Number),
  };
}
