import type { Configuration, Entry, Message } from '../../src/index.ts';
import { commandNumber } from './counting-machine.ts';

/** `append 1→2 term 3: after 4@2, [5@3 x17], commit 4` */
export function describeMessage(message: Message): string {
  const { type, from, to, term } = message;
  return `${type} ${from}→${to} term ${term}${detailsOf(message)}`;
}

function detailsOf(message: Message): string {
  switch (message.type) {
    case 'preVote':
      return `: log ends ${message.lastIndex}@${message.lastTerm}`;
    case 'vote':
      return `: log ends ${message.lastIndex}@${message.lastTerm}${message.transfer ? ', transfer' : ''}`;
    case 'preVoteAnswer':
    case 'voteAnswer':
      return message.granted ? ': granted' : ': refused';
    case 'append': {
      const { prevIndex, prevTerm, entries, commit } = message;
      return `: after ${prevIndex}@${prevTerm}, [${entries.map(describeEntry).join(' ')}], commit ${commit}`;
    }
    case 'appendAccepted':
      return `: matched ${message.matched}, durable ${message.durable}`;
    case 'appendRefused':
      return `: not after ${message.prevIndex}, try ${message.hintIndex}@${message.hintTerm}`;
    case 'heartbeat':
      return `: commit ${message.commit}, round ${message.round}, sent to ${message.sentTo}`;
    case 'heartbeatAnswer': {
      const { round, sentTo, matched, durable } = message;
      return `: round ${round}, sent to ${sentTo}, matched ${matched}, durable ${durable}`;
    }
    case 'snapshot':
      return `: ${message.meta.index}@${message.meta.term} ${describeConfiguration(message.meta.configuration)}`;
    case 'timeoutNow':
    case 'staleTerm':
      return '';
  }
}

export function describeEntry(entry: Entry): string {
  const place = `${entry.index}@${entry.term}`;
  switch (entry.kind) {
    case 'noop':
      return place;
    case 'command':
      return `${place} x${commandNumber(entry.data)}`;
    case 'configuration':
      return `${place} ${describeConfiguration(entry.configuration)}`;
  }
}

/** `{1 2 3 | 4}`: voters, then learners. */
export function describeConfiguration({ voters, learners }: Configuration): string {
  return `{${voters.join(' ')}${learners.length > 0 ? ` | ${learners.join(' ')}` : ''}}`;
}
