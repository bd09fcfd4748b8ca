// The news of one job for somebody who listens, as server-sent events. Each answer ends: the
// listener comes again with the number of the last event, and goes on there. Nothing tells a
// function that its caller has left, so no answer waits for long, few wait for one caller, and all
// who wait for one job share each look into the store.
import { setTimeout as sleep } from 'node:timers/promises';
import { EventName } from '../outbox/rules/events.ts';
import { isFinalJobState } from '../core/states/job.ts';
import type { EventDocument } from '../outbox/documents.ts';
import { readJob } from '../journal/job.ts';
import { listEvents, readRelay } from '../journal/outbox.ts';
import { toCloudEvent } from './cloudEvent.ts';
import { ListenerSlots } from './listenerSlots.ts';

/** Wall time, all of it. */
const READ_EVERY_MS = 700;
const RECONNECT_AFTER_MS = 1_000;
/** For who was not let wait. */
const RECONNECT_LATER_MS = 10_000;
const MAX_EVENTS = 500;

/** What one look at a job has found. */
interface StreamPosition {
  /** The number of the newest event. */
  readonly last: number;
  /** The job has ended, and no event is to come. */
  readonly hasEnded: boolean;
}

export interface EventListener {
  readonly jobId: string;
  /** The number of the last event that the listener has heard. */
  readonly lastEventNumber: number;
  /** Who listens: waiting is limited for each of them. */
  readonly caller: string;
  /** How long the first event may be waited for. */
  readonly waitSeconds: number;
}

const listenerSlots = new ListenerSlots({ total: 200, perCaller: 20 });
const sharedReads = new Map<string, Promise<StreamPosition | undefined>>();

export interface EventStreamAnswer {
  /** The job has ended and the listener has heard all of its events. */
  readonly hasEnded: boolean;
  /** Server-sent events, of which there may be none. */
  readonly text: string;
}

/** Undefined: there is no such job. */
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
    const sight = await nextSharedRead(jobId);
    if (!sight || isEnough(sight) || performance.now() + READ_EVERY_MS > endMs) return sight;
  }
}

/** One for all who wait for this job in this process. */
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
  // A job that has ended may have news on their way that have no number yet; its end is the last of an epoch.
  const [newest] = await listEvents(jobId, last, last, 1);
  return { last, hasEnded: newest?.news === EventName.jobEnded && newest.place.epoch === job.epoch };
}

const toServerSentEvent = (entry: EventDocument): string =>
  `id: ${entry.number}\nevent: ${entry.news}\ndata: ${JSON.stringify(toCloudEvent(entry))}\n\n`;
