// Mutants of event delivery: numbers without gaps, one relay at a time for a target, delivery
// before the mark.
import type { Mutant } from '../mutant.ts';

const DELIVER = 'shared/delivery/deliverEvents.ts';
const OUTBOX = 'shared/journal/outbox.ts';
const LEASE = 'test/shared/delivery/lease.test.ts';
const NUMBERS = 'test/shared/delivery/eventNumbers.test.ts';
const EVENTS = 'test/shared/outbox/events.test.ts';

const ONE_AT_A_TIME = { file: LEASE, name: 'while one relay waits for a receiver, no' };
const WHERE_IT_STANDS = { file: LEASE, name: 'a relay continues at its position, and repeats nothing' };
const NOT_MARKED = { file: LEASE, name: 'a refused event gets no mark, and no later' };
const ONE_NUMBERS = { file: NUMBERS, name: 'of two relays that number the same events' };

export const leases: readonly Mutant[] = [
  {
    id: 'a lease does not keep other relays out',
    file: DELIVER,
    find: 'Date.parse(lease.until) > Date.now()) return false;',
    replace: 'Date.parse(lease.until) > Infinity) return false;',
    reason: 'Two relays would deliver to one receiver at the same time, out of order.',
    test: ONE_AT_A_TIME,
  },
  {
    id: 'a lease never ends',
    file: DELIVER,
    find: 'Date.parse(lease.until) > Date.now()) return false;',
    replace: 'Date.parse(lease.until) > 0) return false;',
    reason: 'A dead relay would block its events for ever.',
    test: { file: LEASE, name: 'a relay past its lease sends nothing, and' },
  },
  {
    id: 'the relay does not check its lease before a send',
    file: DELIVER,
    find: '- tries * tryTimeoutSeconds() * 1000',
    replace: '+ Infinity * tries',
    reason: 'A relay that stood still would repeat events that another relay has delivered.',
    test: { file: LEASE, name: 'a relay past its lease sends nothing' },
  },
  {
    id: 'a call may outlast its lease',
    file: 'shared/delivery/outboundHttp.ts',
    find: 'if (Date.now() > notAfter) request.destroy(',
    replace: 'if (Date.now() > Infinity) request.destroy(',
    reason: 'A process that stood still would send events that another process has sent meanwhile.',
    test: {
      file: 'test/shared/delivery/postEvent.test.ts',
      name: 'a sender that stood still past its lease',
    },
  },
  {
    id: 'the relay marks events before the delivery',
    file: DELIVER,
    find: 'const result = await target.deliver(',
    replace:
      'position = (await saveDelivery(position, { delivered: entry.number })) ?? position; ' +
      'const result = await target.deliver(',
    reason: 'The relay would never deliver a refused event again.',
    test: NOT_MARKED,
  },
  {
    id: 'a refusal counts as a delivery',
    file: 'shared/delivery/postEvent.ts',
    find: 'if (status >= 200 && status < 300) return',
    replace: 'if (status >= 200) return',
    reason: 'The relay would never deliver a refused event again.',
    test: NOT_MARKED,
  },
  {
    id: 'the relay delivers all events from the beginning',
    file: DELIVER,
    find: 'position.delivered + 1, last, MAX_EVENTS_PER_READ',
    replace: '1, last, MAX_EVENTS_PER_READ',
    reason: 'Each change of a job would deliver all its earlier events again.',
    test: WHERE_IT_STANDS,
  },
  {
    id: 'the relay does not wait after a failure',
    file: DELIVER,
    find: 'return notBefore === null || Date.parse(notBefore) <=',
    replace: 'return notBefore !== undefined || Date.parse(notBefore) <=',
    reason: 'The relay would call a receiver that is down without a pause.',
    test: NOT_MARKED,
  },
  {
    id: 'the relay saves a position without its ETag',
    file: 'shared/delivery/deliveryStore.ts',
    find: '[{ replace: next, etag: delivery._etag }]);\n  return etags && { ...next',
    replace: '[{ put: next }]);\n  return etags && { ...next',
    reason: 'A relay without its lease would move the position back.',
    test: { file: LEASE, name: 'a relay past its lease sends nothing' },
  },
  {
    id: 'the relay continues with a target that it gave up',
    file: DELIVER,
    find: 'delivered >= last || gap !== null || removed',
    replace: 'delivered >= last || removed',
    reason: 'The relay would deliver events after an undelivered range that nobody has resumed.',
    test: { file: LEASE, name: 'a receiver that refuses for too long gets' },
  },
  {
    id: 'the relay gives a target up at once',
    file: 'shared/outbox/rules/events.ts',
    find: '>= hours * 3_600_000;',
    replace: '>= hours * 0;',
    reason: 'One failure would stop the events until a person resumes them.',
    test: { file: EVENTS, name: 'the relay gives up after the configured hours, not before' },
  },
];

export const numbers: readonly Mutant[] = [
  {
    id: 'the app assigns numbers without the ETag',
    file: OUTBOX,
    find: '[{ replace: next, etag: relay._etag }, ...numbered]',
    replace:
      '[{ put: next }, ...numbered.map((one) => ({ put: (one as { replace: EntryDocument }).replace }))]',
    reason: 'Two events would have the same number.',
    test: ONE_NUMBERS,
  },
  {
    id: 'the numbers start again each time',
    file: OUTBOX,
    find: 'number: relay.last + i + 1',
    replace: 'number: i + 1',
    reason: 'A receiver would take later events for known ones.',
    test: ONE_NUMBERS,
  },
  {
    id: 'the relay reads the events only once',
    file: OUTBOX,
    find: 'const secondRead = await listUnnumberedEvents(jobId)',
    replace: 'const secondRead = firstRead',
    reason: 'A later event would get a number before an earlier event.',
    test: { file: NUMBERS, name: 'events get no number until two reads of the' },
  },
  {
    id: 'the ids decide the order of the events',
    file: OUTBOX,
    find: 'compareEventPositions(a.place, b.place)',
    replace: '(a.id < b.id ? -1 : 1)',
    reason: 'The relay would deliver epoch 10 before epoch 2.',
    test: { file: NUMBERS, name: 'the order follows the job, not the ids' },
  },
  {
    id: 'the epoch does not come first',
    file: 'shared/outbox/rules/events.ts',
    find: 'a.epoch - b.epoch || a.part - b.part',
    replace: 'a.part - b.part || a.epoch - b.epoch',
    reason: 'The relay would report the end of a job before the results of its steps.',
    test: { file: EVENTS, name: 'in any reading order, no event precedes an' },
  },
  {
    id: 'the app writes a change without its ETag',
    file: 'shared/journal/job.ts',
    find: 'const writes = [{ replace: next, etag: job._etag }, ...log',
    replace: 'const writes = [{ put: next }, ...log',
    reason: 'A lost race would change the job, and report something that did not happen.',
    test: { file: NUMBERS, name: 'the app writes a change and its event together' },
  },
];
