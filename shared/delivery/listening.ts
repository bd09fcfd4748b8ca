// The news of one job for somebody who listens, as server-sent events. Each answer ends: the
// listener comes again with the number of the last event, and goes on there. Nothing tells a
// function that its caller has left, so no answer waits for long, few wait for one caller, and all
// who wait for one job share each look into the store.
import { setTimeout as sleep } from 'node:timers/promises';
import { News } from '../outbox/rules/events.ts';
import { isFinalJob } from '../core/states/job.ts';
import type { EntryDocument } from '../outbox/documents.ts';
import { readJob } from '../journal/job.ts';
import { entriesFrom, readRelay } from '../journal/outbox.ts';
import { eventOf } from './cloudEvent.ts';
import { Seats } from './seats.ts';

/** Wall time, all of it. */
const LOOK_EVERY_MS = 700;
const COME_AGAIN_AFTER_MS = 1_000;
/** For who was not let wait. */
const COME_AGAIN_LATER_MS = 10_000;
const MOST_AT_ONCE = 500;

/** What one look at a job has found. */
interface Sight {
  /** The number of the newest event. */
  readonly last: number;
  /** The job has ended, and no event is to come. */
  readonly over: boolean;
}

export interface Listener {
  readonly jobId: string;
  /** The number of the last event that the listener has heard. */
  readonly after: number;
  /** Who listens: waiting is limited for each of them. */
  readonly caller: string;
  /** How long the first event may be waited for. */
  readonly waitSeconds: number;
}

const seats = new Seats({ all: 200, ofOne: 20 });
const looks = new Map<string, Promise<Sight | undefined>>();

export interface Heard {
  /** The job has ended and the listener has heard all of its events. */
  readonly over: boolean;
  /** Server-sent events, of which there may be none. */
  readonly text: string;
}

/** Undefined: there is no such job. */
export async function hear({ jobId, after, caller, waitSeconds }: Listener): Promise<Heard | undefined> {
  const hasNews = ({ last, over }: Sight): boolean => last > after || over;
  let sight = await lookAt(jobId);
  let comeAgainAfterMs = COME_AGAIN_AFTER_MS;
  if (sight && !hasNews(sight) && waitSeconds > 0) {
    const leave = seats.take(caller);
    if (leave) sight = await waitFor(jobId, hasNews, waitSeconds).finally(leave);
    else comeAgainAfterMs = COME_AGAIN_LATER_MS;
  }
  if (!sight) return undefined;
  if (sight.over && sight.last <= after) return { over: true, text: '' };
  const entries = sight.last > after ? await entriesFrom(jobId, after + 1, sight.last, MOST_AT_ONCE) : [];
  return { over: false, text: `retry: ${comeAgainAfterMs}\n\n${entries.map(toText).join('')}` };
}

async function waitFor(
  jobId: string,
  isEnough: (sight: Sight) => boolean,
  seconds: number,
): Promise<Sight | undefined> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const sight = await nextLook(jobId);
    if (!sight || isEnough(sight) || performance.now() + LOOK_EVERY_MS > end) return sight;
  }
}

/** One for all who wait for this job in this process. */
function nextLook(jobId: string): Promise<Sight | undefined> {
  const shared = looks.get(jobId);
  if (shared) return shared;
  const look = sleep(LOOK_EVERY_MS)
    .then(() => lookAt(jobId))
    .finally(() => looks.delete(jobId));
  looks.set(jobId, look);
  return look;
}

async function lookAt(jobId: string): Promise<Sight | undefined> {
  const [job, relay] = await Promise.all([readJob(jobId), readRelay(jobId)]);
  if (!job) return undefined;
  const last = relay?.last ?? 0;
  if (!relay || !isFinalJob(job.state)) return { last, over: false };
  // A job that has ended may have news on their way that have no number yet; its end is the last of an epoch.
  const [newest] = await entriesFrom(jobId, last, last, 1);
  return { last, over: newest?.news === News.jobEnded && newest.place.epoch === job.epoch };
}

const toText = (entry: EntryDocument): string =>
  `id: ${entry.number}\nevent: ${entry.news}\ndata: ${JSON.stringify(eventOf(entry))}\n\n`;
