// GET /api/v1/jobs/{id}/events: the news of a job since the last that the listener has heard, as
// server-sent events.
import { rejected } from '../../shared/core/errors.ts';
import { EventsQuery } from '../../shared/api/queries.ts';
import { parse } from '../../shared/core/parse.ts';
import { hear } from '../../shared/delivery/listening.ts';
import { door } from './door.ts';
import { queryOf } from './input.ts';

door('jobEvents', 'GET /api/v1/jobs/{id}/events', async (request, caller) => {
  const jobId = request.params['id'] ?? '';
  const asked = queryOf(request, EventsQuery);
  // A listener that was cut off says what it has heard; it may send the header empty.
  const heard = request.headers.get('last-event-id') ?? '';
  const { after } = heard === '' ? asked : parse(EventsQuery, { after: heard }, 'Last-Event-ID');
  const news = await hear({ jobId, after, caller: `${caller.tenant} ${caller.id}`, waitSeconds: asked.wait });
  if (news === undefined) throw rejected(404, 'JobUnknown', `There is no job ${jobId}.`);
  // To an EventSource, 204 says that coming again is of no use.
  if (news.over) return { status: 204, headers: { 'cache-control': 'no-store' }, body: '' };
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    body: news.text,
  };
});
