// Routes for the time before replication: VMs of a source, choices, previews, readiness, security
// rules, confirmed checks. No route changes anything in Azure.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { confirmationView } from '../../shared/api/confirmationView.ts';
import { ConfirmationsQuery, NetworkRulesRequest, ReplicatedVms } from '../../shared/api/queries.ts';
import { ChangePreviewRequest } from '../../shared/commands/command.ts';
import { parseInput } from '../../shared/core/parse.ts';
import {
  confirmationSchemaFor,
  confirmCheck as recordConfirmation,
  withdrawConfirmation as withdrawConfirmationOf,
} from '../../shared/enabling/confirmations.ts';
import { readConfirmationPage } from '../../shared/enabling/confirmationStore.ts';
import { findChoices, findSourceVms } from '../../shared/enabling/sourceChoices.ts';
import { previewFromAzure } from '../../shared/enabling/previewFromAzure.ts';
import {
  proposeRuleFixes,
  reportReadiness,
  reportReadinessOfReplicated,
} from '../../shared/enabling/readiness.ts';
import { findSites } from '../../shared/enabling/sites.ts';
import { OptionsQuery, SitesQuery, SourcesQuery } from '../../shared/enabling/sourceQueries.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { incomingVms } from '../../shared/jobs/incomingVms.ts';
import { previewChange as previewChangeOfVms } from '../../shared/jobs/previewChange.ts';
import { bodyOf, pathPart, queryOf } from './input.ts';
import { enableRequestFor, prepareRequestFor } from '../../shared/scenarios/drivers.ts';

/** The VMs of a source, and whether Lifeboat can protect each VM. */
export async function listSourceVms(request: HttpRequest): Promise<HttpAnswer> {
  const vms = await findSourceVms(queryOf(request, SourcesQuery));
  return jsonAnswer(200, {
    vms: vms.map(({ vm, canBeProtected, reasons }) => ({ ...vm, canBeProtected, reasons })),
  });
}

/** The sites on premises with their hosts and machines. */
export async function listSites(request: HttpRequest): Promise<HttpAnswer> {
  return jsonAnswer(200, { sites: await findSites(queryOf(request, SitesQuery)) });
}

/** The possible targets of a source, the best first. */
export async function listOptions(request: HttpRequest): Promise<HttpAnswer> {
  return jsonAnswer(200, await findChoices(queryOf(request, OptionsQuery)));
}

/** A preview of enabling replication. */
export async function previewEnabling(request: HttpRequest): Promise<HttpAnswer> {
  const body = await bodyOf(request);
  const { preview } = await previewFromAzure(
    parseInput(prepareRequestFor(body), body, 'The request'),
    incomingVms,
  );
  return jsonAnswer(200, preview);
}

/** A preview of a change of target settings. */
export async function previewChange(request: HttpRequest): Promise<HttpAnswer> {
  const change = parseInput(ChangePreviewRequest, await bodyOf(request), 'The request');
  return jsonAnswer(200, await previewChangeOfVms(change));
}

/** A request to enable names its target. The registry knows the target of a replicated VM. */
const namesTarget = (body: unknown): boolean => typeof body === 'object' && body !== null && 'target' in body;

/**
 * The readiness of VMs, before and during replication: each check with its verdict and its remedy.
 */
export async function checkReadiness(request: HttpRequest): Promise<HttpAnswer> {
  const body = await bodyOf(request);
  const reports = namesTarget(body)
    ? [await reportReadiness(parseInput(enableRequestFor(body), body, 'The request'), incomingVms)]
    : await reportReadinessOfReplicated(
        parseInput(ReplicatedVms, body, 'The list of replicated VMs').vms,
        incomingVms,
      );
  return jsonAnswer(200, { reports });
}

/** Records that a person has done a manual check. */
export async function confirmCheck(request: HttpRequest, caller: Caller): Promise<HttpAnswer> {
  const body = await bodyOf(request);
  const confirmations = await recordConfirmation(
    parseInput(confirmationSchemaFor(body), body, 'The confirmation'),
    caller,
  );
  return jsonAnswer(201, { confirmations: confirmations.map(confirmationView) });
}

/** The confirmed checks, the newest first. */
export async function listConfirmations(request: HttpRequest): Promise<HttpAnswer> {
  const { vm, limit, continuation } = queryOf(request, ConfirmationsQuery);
  const { items, next } = await readConfirmationPage(vm, limit, continuation);
  return jsonAnswer(200, { confirmations: items.map(confirmationView), next });
}

/** Withdraws a confirmation: the check is manual again. */
export async function withdrawConfirmation(request: HttpRequest): Promise<HttpAnswer> {
  await withdrawConfirmationOf(pathPart(request, 'id'));
  return { status: 204, headers: {}, body: '' };
}

/** The security rules that would let VMs replicate, ready to apply. */
export async function proposeNetworkRules(request: HttpRequest): Promise<HttpAnswer> {
  const rulesRequest = parseInput(NetworkRulesRequest, await bodyOf(request), 'The list of VMs');
  return jsonAnswer(200, await proposeRuleFixes(rulesRequest));
}
