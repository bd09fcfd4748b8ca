// The news of jobs: numbers without holes, one relay at a time for a target, told and then marked.
import type { Mutant } from '../mutant.ts';

const DELIVER = 'shared/delivery/deliverEvents.ts';
const OUTBOX = 'shared/journal/outbox.ts';
const LEASE = 'test/shared/delivery/lease.test.ts';
const NUMBERS = 'test/shared/delivery/eventNumbers.test.ts';
const NEWS = 'test/shared/outbox/events.test.ts';

const ONE_AT_A_TIME = { file: LEASE, name: 'while one relay waits for a receiver, no other tells' };
const WHERE_IT_STANDS = { file: LEASE, name: 'a relay goes on where the position stands' };
const NOT_MARKED = { file: LEASE, name: 'what a receiver refuses is not marked' };
const ONE_NUMBERS = { file: NUMBERS, name: 'of two that number the same news at the same time' };

export const leases: readonly Mutant[] = [
  {
    id: 'a lease keeps nobody away',
    file: DELIVER,
    find: 'Date.parse(lease.until) > Date.now()) return false;',
    replace: 'Date.parse(lease.until) > Infinity) return false;',
    reason: 'Two relays would tell one receiver at the same time, out of order.',
    test: ONE_AT_A_TIME,
  },
  {
    id: 'a lease never ends',
    file: DELIVER,
    find: 'Date.parse(lease.until) > Date.now()) return false;',
    replace: 'Date.parse(lease.until) > 0) return false;',
    reason: 'What a dead relay had in its hand would never be told.',
    test: { file: LEASE, name: 'another relay tells the rest' },
  },
  {
    id: 'the lease is not looked at before a send',
    file: DELIVER,
    find: '- tries * tryTimeoutSeconds() * 1000',
    replace: '+ Infinity * tries',
    reason: 'A relay that stood still would tell what another one has told since.',
    test: { file: LEASE, name: 'a relay past its lease sends nothing' },
  },
  {
    id: 'a call may outlast its lease',
    file: 'shared/delivery/outboundHttp.ts',
    find: 'if (Date.now() > notAfter) request.destroy(',
    replace: 'if (Date.now() > Infinity) request.destroy(',
    reason: 'A process that stood still would send what another one has sent since.',
    test: {
      file: 'test/shared/delivery/postEvent.test.ts',
      name: 'who stood still until somebody else may tell it sends not a byte',
    },
  },
  {
    id: 'news are marked before they are told',
    file: DELIVER,
    find: 'const result = await target.deliver(',
    replace:
      'position = (await saveDelivery(position, { delivered: entry.number })) ?? position; ' +
      'const result = await target.deliver(',
    reason: 'What a receiver has refused would never be told again.',
    test: NOT_MARKED,
  },
  {
    id: 'a refusal is taken for an arrival',
    file: 'shared/delivery/postEvent.ts',
    find: 'if (status >= 200 && status < 300) return',
    replace: 'if (status >= 200) return',
    reason: 'What a receiver has refused would never be told again.',
    test: NOT_MARKED,
  },
  {
    id: 'all news are told from the beginning',
    file: DELIVER,
    find: 'position.delivered + 1, last, MAX_EVENTS_PER_READ',
    replace: '1, last, MAX_EVENTS_PER_READ',
    reason: 'Each change of a job would tell its whole story again.',
    test: WHERE_IT_STANDS,
  },
  {
    id: 'the pause after a failure is not kept',
    file: DELIVER,
    find: 'return notBefore === null || Date.parse(notBefore) <=',
    replace: 'return notBefore !== undefined || Date.parse(notBefore) <=',
    reason: 'A receiver that is down would be called without a pause.',
    test: NOT_MARKED,
  },
  {
    id: 'a position is saved without its ETag',
    file: 'shared/delivery/deliveryStore.ts',
    find: '[{ replace: next, etag: delivery._etag }]);\n  return etags && { ...next',
    replace: '[{ put: next }]);\n  return etags && { ...next',
    reason: 'A relay that lost its lease would take the position back.',
    test: { file: LEASE, name: 'a relay past its lease sends nothing' },
  },
  {
    id: 'a target that was given up is told on',
    file: DELIVER,
    find: 'delivered >= last || gap !== null || removed',
    replace: 'delivered >= last || removed',
    reason: 'News would go on behind a gap that nobody has resumed.',
    test: { file: LEASE, name: 'a receiver that refuses for too long is given up with a gap' },
  },
  {
    id: 'a target is given up at once',
    file: 'shared/outbox/rules/events.ts',
    find: '>= hours * 3_600_000;',
    replace: '>= hours * 0;',
    reason: 'One failure would stop the news until a person resumes them.',
    test: { file: NEWS, name: 'given up after so many hours, not before' },
  },
];

export const numbers: readonly Mutant[] = [
  {
    id: 'numbers are taken without the ETag',
    file: OUTBOX,
    find: '[{ replace: next, etag: relay._etag }, ...numbered]',
    replace:
      '[{ put: next }, ...numbered.map((one) => ({ put: (one as { replace: EntryDocument }).replace }))]',
    reason: 'One number would stand for two pieces of news.',
    test: ONE_NUMBERS,
  },
  {
    id: 'numbers begin anew each time',
    file: OUTBOX,
    find: 'number: relay.last + i + 1',
    replace: 'number: i + 1',
    reason: 'A receiver would take later news for what it has already.',
    test: ONE_NUMBERS,
  },
  {
    id: 'one look at the news is enough',
    file: OUTBOX,
    find: 'const secondRead = await listUnnumberedEvents(jobId)',
    replace: 'const secondRead = firstRead',
    reason: 'What came later would be numbered before what came first.',
    test: { file: NUMBERS, name: 'news get no number until two looks at the news agree' },
  },
  {
    id: 'news stand in the order of their ids',
    file: OUTBOX,
    find: 'compareEventPositions(a.place, b.place)',
    replace: '(a.id < b.id ? -1 : 1)',
    reason: 'Epoch 10 would be told before epoch 2.',
    test: { file: NUMBERS, name: 'the order is that of the story' },
  },
  {
    id: 'the epoch does not come first',
    file: 'shared/outbox/rules/events.ts',
    find: 'a.epoch - b.epoch || a.part - b.part',
    replace: 'a.part - b.part || a.epoch - b.epoch',
    reason: 'The end of a job would be told before what came of its steps.',
    test: { file: NEWS, name: 'nothing stands before what had to happen first' },
  },
  {
    id: 'a change is written without its ETag',
    file: 'shared/journal/job.ts',
    find: 'const writes = [{ replace: next, etag: job._etag }, ...log',
    replace: 'const writes = [{ put: next }, ...log',
    reason: 'A lost race would change the job, and tell what did not happen.',
    test: { file: NUMBERS, name: 'a lost race tells nothing' },
  },
];
