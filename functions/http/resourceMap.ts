// GET /api/v1/jobs/{id}/map: from old to new resource ids after a failover, as JSON page by page,
// or as CSV in one; and the schema of the JSON.
import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { csvOf, ResourceMap } from '../../shared/plans/rules/resourceMap.ts';
import { rejected } from '../../shared/core/errors.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { PageQuery } from '../../shared/api/queries.ts';
import { mapOfJob } from '../../shared/runs/map.ts';
import { pageIn } from '../../shared/store/tokens.ts';
import { pathPart, queryOf } from './input.ts';

const SCHEMA = '/api/v1/schemas/resource-map';
const KINDS = ['application/json', 'text/csv'] as const;

/** The first of the kinds that the caller takes. */
function kindFor(request: HttpRequest): (typeof KINDS)[number] {
  const wanted = (request.headers.get('accept') ?? '*/*')
    .split(',')
    .map((one) => one.split(';')[0]?.trim().toLowerCase() ?? '');
  const kind = wanted.flatMap((one) =>
    KINDS.filter((known) => one === known || one === '*/*' || one === `${known.split('/')[0] ?? ''}/*`),
  )[0];
  if (!kind)
    throw rejected(
      406,
      'NotAcceptable',
      `A map is there as ${KINDS.join(' or ')}; the request accepts ${wanted.join(', ')}.`,
    );
  return kind;
}

export async function readJobMap(request: HttpRequest): Promise<Answer> {
  const id = pathPart(request, 'id');
  const kind = kindFor(request);
  const { limit, continuation } = queryOf(request, PageQuery);
  const { job, complete, readAt, vms } = await mapOfJob(id);
  if (kind === 'text/csv')
    return { ...json(200, null, { 'content-type': 'text/csv; charset=utf-8' }), body: csvOf(vms) };
  const { items, next } = pageIn(['map', id, job.epoch], vms, limit, continuation);
  const map: ResourceMap = {
    job: id,
    operation: job.command.operation,
    complete,
    readAt,
    vms: [...items],
    next,
  };
  return json(200, map, { link: `<${SCHEMA}>; rel="describedby"; type="application/schema+json"` });
}

export function readResourceMapSchema(): Promise<Answer> {
  const headers = { 'content-type': 'application/schema+json' };
  return Promise.resolve(json(200, z.toJSONSchema(ResourceMap), headers));
}
