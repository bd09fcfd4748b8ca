// Routes about the service itself: health, readiness, the OpenAPI document, privacy, firewall rules.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { firewallView } from '../../shared/api/firewallView.ts';
import { PAGE_HEADERS } from '../../shared/api/htmlPage.ts';
import { privacyPage, privacyView } from '../../shared/api/privacy.ts';
import { FirewallQuery } from '../../shared/api/queries.ts';
import { config } from '../../shared/core/config.ts';
import { assertRegionsKnown } from '../../shared/enabling/knownRegions.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { checkServiceReadiness } from '../../shared/jobs/serviceReadiness.ts';
import type { OrchestrationContext } from '../orchestrations.ts';
import { orchestrationsWith } from '../startOrchestration.ts';
import { queryOf } from './input.ts';

/**
 * Tells whether the app answers at all. With wrong settings nothing works, and the answer names
 * them.
 */
export function readHealth(): Promise<HttpAnswer> {
  config();
  return Promise.resolve(jsonAnswer(200, { status: 'alive' }));
}

/** Tells whether every dependency of Lifeboat answers. */
export async function readServiceReadiness(
  _request: HttpRequest,
  _caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const checks = await checkServiceReadiness(orchestrationsWith(context));
  const worst = ['fail', 'warn'].find((verdict) => checks.some((check) => check.verdict === verdict));
  const status = worst === 'fail' ? 'notReady' : worst === 'warn' ? 'degraded' : 'ready';
  return jsonAnswer(status === 'notReady' ? 503 : 200, { status, checks });
}

let openApi: Promise<string> | undefined;

/** Loads and renders the document at the first request. */
export async function readOpenApi(): Promise<HttpAnswer> {
  openApi ??= import('../../shared/api/routes/openApiDocument.ts').then(({ openApiDocument }) =>
    JSON.stringify(openApiDocument()),
  );
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=300' },
    body: await openApi,
  };
}

export function readPrivacy(): Promise<HttpAnswer> {
  return Promise.resolve(jsonAnswer(200, privacyView()));
}

export function readPrivacyPage(): Promise<HttpAnswer> {
  return Promise.resolve({
    status: 200,
    headers: PAGE_HEADERS,
    body: privacyPage(),
  });
}

/** The addresses that a firewall or proxy must let through, in one cloud and region. */
export async function listFirewallEndpoints(request: HttpRequest): Promise<HttpAnswer> {
  const query = queryOf(request, FirewallQuery);
  const { region, 'target.region': targetRegion } = query;
  await assertRegionsKnown(targetRegion === undefined ? [region] : [region, targetRegion]);
  return jsonAnswer(200, firewallView(query));
}
