// Streams the events of one job to a listener as server-sent events. Each answer ends; the listener
// calls again with the number of the last event. A function cannot detect that its caller has left.
// So no answer waits for long, and each caller has few waiting slots. All listeners of one job
// share each read of the store.
import { setTimeout as sleep } from 'node:timers/promises';
import { EventName } from '../outbox/rules/events.ts';
import { isFinalJobState } from '../core/states/job.ts';
import type { EventDocument } from '../outbox/documents.ts';
import { readJob } from '../journal/job.ts';
import { listEvents, readRelay } from '../journal/outbox.ts';
import { toCloudEvent } from './cloudEvent.ts';
import { ListenerSlots } from './listenerSlots.ts';

/** All these times are wall time. */
const READ_EVERY_MS = 700;
const RECONNECT_AFTER_MS = 1_000;
/** For a listener without a free slot. */
const RECONNECT_LATER_MS = 10_000;
const MAX_EVENTS = 500;

/** The result of one read of a job. */
interface StreamPosition {
  /** The number of the newest event. */
  readonly last: number;
  /** The job has ended, and no more events will come. */
  readonly hasEnded: boolean;
}

/** One request of a listener. */
export interface EventListener {
  readonly jobId: string;
  /** The number of the last event that the listener has received. */
  readonly lastEventNumber: number;
  /** The id of the listener. Each caller has a limited number of waiting slots. */
  readonly caller: string;
  /** How long the listener may wait for the first event. */
  readonly waitSeconds: number;
}

const listenerSlots = new ListenerSlots({ total: 200, perCaller: 20 });
const sharedReads = new Map<string, Promise<StreamPosition | undefined>>();

/** The answer to a listener. */
export interface EventStreamAnswer {
  /** The job has ended, and the listener has received all events. */
  readonly hasEnded: boolean;
  /** Server-sent events; may be empty. */
  readonly text: string;
}

/** Waits for new events of the job. Undefined: there is no such job. */
export async function waitForEvents({
  jobId,
  lastEventNumber,
  caller,
  waitSeconds,
}: EventListener): Promise<EventStreamAnswer | undefined> {
  const hasNewEvents = ({ last, hasEnded }: StreamPosition): boolean => last > lastEventNumber || hasEnded;
  let position = await readStreamPosition(jobId);
  let reconnectAfterMs = RECONNECT_AFTER_MS;
  if (position && !hasNewEvents(position) && waitSeconds > 0) {
    const releaseSlot = listenerSlots.acquire(caller);
    if (releaseSlot) position = await waitUntil(jobId, hasNewEvents, waitSeconds).finally(releaseSlot);
    else reconnectAfterMs = RECONNECT_LATER_MS;
  }
  if (!position) return undefined;
  if (position.hasEnded && position.last <= lastEventNumber) return { hasEnded: true, text: '' };
  const events =
    position.last > lastEventNumber
      ? await listEvents(jobId, lastEventNumber + 1, position.last, MAX_EVENTS)
      : [];
  return { hasEnded: false, text: `retry: ${reconnectAfterMs}\n\n${events.map(toServerSentEvent).join('')}` };
}

async function waitUntil(
  jobId: string,
  isEnough: (position: StreamPosition) => boolean,
  seconds: number,
): Promise<StreamPosition | undefined> {
  const endMs = performance.now() + seconds * 1000;
  for (;;) {
    const position = await nextSharedRead(jobId);
    if (!position || isEnough(position) || performance.now() + READ_EVERY_MS > endMs) return position;
  }
}

/** One read for all listeners of this job in this process. */
function nextSharedRead(jobId: string): Promise<StreamPosition | undefined> {
  const shared = sharedReads.get(jobId);
  if (shared) return shared;
  const readTask = sleep(READ_EVERY_MS)
    .then(() => readStreamPosition(jobId))
    .finally(() => sharedReads.delete(jobId));
  sharedReads.set(jobId, readTask);
  return readTask;
}

async function readStreamPosition(jobId: string): Promise<StreamPosition | undefined> {
  const [job, relay] = await Promise.all([readJob(jobId), readRelay(jobId)]);
  if (!job) return undefined;
  const last = relay?.last ?? 0;
  if (!relay || !isFinalJobState(job.state)) return { last, hasEnded: false };
  // An ended job may still have events without a number. The `jobEnded` event is the last event of
  // an epoch.
  const [newest] = await listEvents(jobId, last, last, 1);
  return { last, hasEnded: newest?.news === EventName.jobEnded && newest.place.epoch === job.epoch };
}

const toServerSentEvent = (entry: EventDocument): string =>
  `id: ${entry.number}\nevent: ${entry.news}\ndata: ${JSON.stringify(toCloudEvent(entry))}\n\n`;
