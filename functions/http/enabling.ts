// Routes to read before replication is enabled: VMs of a source, choices, previews, readiness, security
// rules. They change nothing.
import type { HttpRequest } from '@azure/functions';
import { NetworkRulesWish, ReplicatedVms } from '../../shared/api/queries.ts';
import { parse } from '../../shared/core/parse.ts';
import { choices, sourceVms } from '../../shared/enabling/offers.ts';
import { previewOf } from '../../shared/enabling/previewNow.ts';
import { mendingFor, reportOn, reportsOnReplicated } from '../../shared/enabling/readiness.ts';
import { EnableWish, PrepareWish } from '../../shared/enabling/rules/request/request.ts';
import { OptionsQuery, SourcesQuery } from '../../shared/enabling/sourceQueries.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { comingVms } from '../../shared/jobs/comingVms.ts';
import { bodyOf, queryOf } from './input.ts';

/** The VMs of a source, and whether each can be protected. */
export async function listSourceVms(request: HttpRequest): Promise<Answer> {
  const vms = await sourceVms(queryOf(request, SourcesQuery));
  return json(200, {
    vms: vms.map(({ vm, canBeProtected, reasons }) => ({ ...vm, canBeProtected, reasons })),
  });
}

/** The possible targets of a source, the best first. */
export async function listOptions(request: HttpRequest): Promise<Answer> {
  return json(200, await choices(queryOf(request, OptionsQuery)));
}

/** A preview of enabling replication. */
export async function previewEnabling(request: HttpRequest): Promise<Answer> {
  const { preview } = await previewOf(parse(PrepareWish, await bodyOf(request), 'The wish'), comingVms);
  return json(200, preview);
}

/** A request to enable names a target; the target of a replicated VM is known. */
const namesTarget = (body: unknown): boolean => typeof body === 'object' && body !== null && 'target' in body;

/** Whether VMs are ready to be replicated, or still are: each check with its verdict and its remedy. */
export async function checkReadiness(request: HttpRequest): Promise<Answer> {
  const body = await bodyOf(request);
  const reports = namesTarget(body)
    ? [await reportOn(parse(EnableWish, body, 'The wish'), comingVms)]
    : await reportsOnReplicated(parse(ReplicatedVms, body, 'The list of replicated VMs').vms, comingVms);
  return json(200, { reports });
}

/** The security rules that would let VMs replicate, ready to apply. */
export async function proposeNetworkRules(request: HttpRequest): Promise<Answer> {
  const wish = parse(NetworkRulesWish, await bodyOf(request), 'The list of VMs');
  return json(200, await mendingFor(wish));
}
