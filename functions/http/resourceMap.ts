// GET /api/v1/jobs/{id}/map: maps old resource ids to new ones after a failover. The answer is JSON
// in pages, or one CSV file. Another route has the schema of the JSON.
import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { resourceMapCsv, ResourceMap } from '../../shared/plans/rules/resourceMap.ts';
import { rejected } from '../../shared/core/errors.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { PageQuery } from '../../shared/api/queries.ts';
import { readJobResourceMap } from '../../shared/runs/jobResourceMap.ts';
import { pageOfList } from '../../shared/store/continuationTokens.ts';
import { pathPart, queryOf } from './input.ts';

const SCHEMA = '/api/v1/schemas/resource-map';
const CONTENT_TYPES = ['application/json', 'text/csv'] as const;

/** The first supported content type that the caller accepts. */
function contentTypeFor(request: HttpRequest): (typeof CONTENT_TYPES)[number] {
  const acceptedTypes = (request.headers.get('accept') ?? '*/*')
    .split(',')
    .map((part) => part.split(';')[0]?.trim().toLowerCase() ?? '');
  const contentType = acceptedTypes.flatMap((accepted) =>
    CONTENT_TYPES.filter(
      (known) => accepted === known || accepted === '*/*' || accepted === `${known.split('/')[0] ?? ''}/*`,
    ),
  )[0];
  if (!contentType)
    throw rejected(
      406,
      'NotAcceptable',
      `A map is available as ${CONTENT_TYPES.join(' or ')}; the request accepts ${acceptedTypes.join(', ')}.`,
    );
  return contentType;
}

export async function readJobMap(request: HttpRequest): Promise<HttpAnswer> {
  const id = pathPart(request, 'id');
  const kind = contentTypeFor(request);
  const { limit, continuation } = queryOf(request, PageQuery);
  const { job, complete, readAt, vms } = await readJobResourceMap(id);
  if (kind === 'text/csv')
    return {
      ...jsonAnswer(200, null, { 'content-type': 'text/csv; charset=utf-8' }),
      body: resourceMapCsv(vms),
    };
  const { items, next } = pageOfList(['map', id, job.epoch], vms, limit, continuation);
  const map: ResourceMap = {
    job: id,
    operation: job.command.operation,
    complete,
    readAt,
    vms: [...items],
    next,
  };
  return jsonAnswer(200, map, { link: `<${SCHEMA}>; rel="describedby"; type="application/schema+json"` });
}

export function readResourceMapSchema(): Promise<HttpAnswer> {
  const headers = { 'content-type': 'application/schema+json' };
  return Promise.resolve(jsonAnswer(200, z.toJSONSchema(ResourceMap), headers));
}
