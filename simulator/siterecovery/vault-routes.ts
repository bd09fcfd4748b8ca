// Everything that can be read of a vault and done in it.

import type { Answer } from '../wire/exchange.ts';
import { matcher } from '../wire/paths.ts';
import { armError, operationHeaders } from './answers.ts';
import { groundRoutes } from './ground-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { containerActions, itemRoutes } from './item-routes.ts';
import { atJob, jobRoutes } from './job-routes.ts';
import { planRoutes } from './plan-routes.ts';
import { errorOf } from './records.ts';
import type { VaultRequest, VaultRoute } from './request.ts';

const routes: VaultRoute[] = [
  ...groundRoutes,
  ...itemRoutes,
  ...jobRoutes,
  ...planRoutes,
  ...healthRoutes,
  ...containerActions,
];
const match = matcher(routes);

const OPERATION_RESULT = /^(.+)\/operationresults\/([^/]+)$/i;

/** The answer, or undefined for what Site Recovery in the simulator does not know. */
export function answerInVault(request: VaultRequest, path: string): Answer | undefined {
  const [, resource, operation] =
    (request.exchange.method === 'GET' ? OPERATION_RESULT.exec(path) : null) ?? [];
  if (resource !== undefined && operation !== undefined) return operationResult(request, resource, operation);
  const matched = match(request.exchange.method, path);
  return matched?.answer(request, matched.names);
}

/**
 * What an operation's Location tells: wait, or the resource as it is now, or that there is none, or
 * why there is nothing to tell.
 */
function operationResult(request: VaultRequest, path: string, id: string): Answer {
  const { vault, baseUrl, marks } = request;
  return atJob(request, id, (job) => {
    const headers = operationHeaders(
      { baseUrl, vault, resource: `${vault.id}/${path}`, operation: job.id },
      marks,
    );
    if (job.endedAt === null) return { status: 202, headers: { ...headers, 'Retry-After': '30' } };
    const error = errorOf(job);
    if (error) return armError(400, error.code, error.message);
    const now = answerInVault(request, path);
    const told = { 'Azure-AsyncOperation': headers['Azure-AsyncOperation'] ?? '' };
    return now?.status === 200 ? { ...now, headers: told } : { status: 204, headers: told };
  });
}
