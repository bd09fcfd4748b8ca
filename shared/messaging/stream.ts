// The news of one job as they come, for somebody who listens: server-sent events, whose id is the number of the event, so that who was cut off goes on there.
import { setTimeout as sleep } from 'node:timers/promises';
import { News } from '../domain/news.ts';
import { isFinalJob } from '../domain/words.ts';
import type { EntryDocument, JobDocument, RelayDocument } from '../store/documents.ts';
import { readJob } from '../store/jobs.ts';
import { entriesFrom, readRelay } from '../store/outbox.ts';
import { eventOf } from './cloudEvent.ts';

/** Wall time, all of it. Whoever waits in front of a function closes what is silent for long, and a function does not live for ever: the listener comes again by himself. */
const LASTS = 120_000;
const LOOK_EVERY = 700;
const SILENT_FOR = 15_000;
const COME_AGAIN_AFTER = 1_000;
const AT_ONCE = 100;

/** The number of the newest event, and whether one more can come. */
export async function hasMoreToTell(job: JobDocument, after: number): Promise<boolean> {
  const relay = await readRelay(job.jobId);
  return relay === undefined || relay.last > after || !isFinalJob(job.state) || !(await endsAt(job, relay));
}

/** A job that has ended may have news on their way that have no number yet; its end is the last of an epoch. */
async function endsAt(job: JobDocument, { last }: RelayDocument): Promise<boolean> {
  const [newest] = await entriesFrom(job.jobId, last, last, 1);
  return newest?.news === News.jobEnded && newest.place.epoch === job.epoch;
}

const toText = (entry: EntryDocument): string => `id: ${entry.number}\nevent: ${entry.news}\ndata: ${JSON.stringify(eventOf(entry))}\n\n`;

/** Ends when the job has told all, or after a while. What goes wrong ends it too: the listener comes again, and hears there what it was. */
export async function* newsAsTheyCome(jobId: string, after: number): AsyncGenerator<string> {
  const end = performance.now() + LASTS;
  let told = after;
  let spoken = performance.now();
  yield `retry: ${COME_AGAIN_AFTER}\n\n`;
  while (performance.now() < end) {
    const [job, relay] = await Promise.all([readJob(jobId), readRelay(jobId)]);
    if (!job) return;
    const entries = relay && relay.last > told ? await entriesFrom(jobId, told + 1, relay.last, AT_ONCE) : [];
    for (const entry of entries) {
      yield toText(entry);
      told = entry.number;
    }
    if (entries.length > 0) {
      spoken = performance.now();
      continue;
    }
    if (!(await hasMoreToTell(job, told))) return;
    if (performance.now() - spoken > SILENT_FOR) {
      yield ': still here\n\n';
      spoken = performance.now();
    }
    await sleep(LOOK_EVERY);
  }
}
