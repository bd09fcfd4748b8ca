// GET /api/v1/jobs/{id}/events: the news of a job as they come, as server-sent events.
import { rejected } from '../../shared/errors.ts';
import { EventsQuery } from '../../shared/http/queries.ts';
import { parse } from '../../shared/jobs/parse.ts';
import { hasMoreToTell, newsAsTheyCome } from '../../shared/messaging/stream.ts';
import { readJob } from '../../shared/store/jobs.ts';
import { door } from './door.ts';
import { queryOf } from './input.ts';

/** Each looks into the store again and again: so many may do that in one process. */
const MOST_LISTENERS = 200;
let listeners = 0;

door('jobEvents', 'GET /api/v1/jobs/{id}/events', async (request) => {
  const id = request.params['id'] ?? '';
  const heard = request.headers.get('last-event-id');
  const { after = 0 } = heard === null ? queryOf(request, EventsQuery) : parse(EventsQuery, { after: heard === '' ? undefined : heard }, 'Last-Event-ID');
  const job = await readJob(id);
  if (!job) throw rejected(404, 'JobUnknown', `There is no job ${id}.`);
  // To who listens, this says that coming again is of no use.
  if (!(await hasMoreToTell(job, after))) return { status: 204, headers: { 'cache-control': 'no-store' }, body: '' };
  if (listeners >= MOST_LISTENERS) throw rejected(429, 'TooManyListeners', `${MOST_LISTENERS} listen already. Nothing was lost. Come again, or read the job from time to time.`, { retryAfterSeconds: 30 });
  return { status: 200, headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' }, body: counted(newsAsTheyCome(id, after)) };
});

async function* counted(news: AsyncGenerator<string>): AsyncGenerator<Uint8Array> {
  listeners += 1;
  try {
    for await (const text of news) yield Buffer.from(text);
  } catch {
    // A broken store ends the stream; nobody is told a wrong thing, and the next try says what is wrong.
  } finally {
    listeners -= 1;
  }
}
