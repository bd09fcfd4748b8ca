// All routes below a vault.

import type { SimulatorResponse } from '../wire/exchange.ts';
import { createMatcher } from '../wire/route-matching.ts';
import { armError, operationHeaders } from './responses.ts';
import { configurationRoutes } from './configuration-routes.ts';
import { healthRoutes } from './health-routes.ts';
import { containerActions, itemRoutes } from './item-routes.ts';
import { withJob, jobRoutes } from './job-routes.ts';
import { planRoutes } from './plan-routes.ts';
import { PROVIDER_ROUTES } from './providers/providers.ts';
import { errorOf } from './records.ts';
import type { VaultRequest, VaultRoute } from './request.ts';
import { servicesProviderRoutes } from './services-provider-routes.ts';
import { credentialRoutes } from './vault-credentials.ts';

const routes: VaultRoute[] = [
  ...PROVIDER_ROUTES,
  ...configurationRoutes,
  ...servicesProviderRoutes,
  ...credentialRoutes,
  ...itemRoutes,
  ...jobRoutes,
  ...planRoutes,
  ...healthRoutes,
  ...containerActions,
];
const match = createMatcher(routes);

const OPERATION_RESULT = /^(.+)\/operationresults\/([^/]+)$/i;

/** Returns the answer, or undefined for a path that the simulator does not know. */
export function routeVaultRequest(request: VaultRequest, path: string): SimulatorResponse | undefined {
  const [, resource, operation] =
    (request.exchange.method === 'GET' ? OPERATION_RESULT.exec(path) : null) ?? [];
  if (resource !== undefined && operation !== undefined) return operationResult(request, resource, operation);
  const matched = match(request.exchange.method, path);
  return matched?.answer(request, matched.parameters);
}

/**
 * Answers an operation's Location: still running, the current resource, no content, or the reason
 * why there is nothing.
 */
function operationResult(request: VaultRequest, path: string, id: string): SimulatorResponse {
  const { vault, baseUrl, requestIds } = request;
  return withJob(request, id, (job) => {
    const headers = operationHeaders(
      { baseUrl, vault, resource: `${vault.id}/${path}`, operation: job.id },
      requestIds,
    );
    if (job.endedAt === null) return { status: 202, headers: { ...headers, 'Retry-After': '30' } };
    const error = errorOf(job);
    if (error) return armError(400, error.code, error.message);
    const now = routeVaultRequest(request, path);
    const followed = { 'Azure-AsyncOperation': headers['Azure-AsyncOperation'] ?? '' };
    return now?.status === 200 ? { ...now, headers: followed } : { status: 204, headers: followed };
  });
}
