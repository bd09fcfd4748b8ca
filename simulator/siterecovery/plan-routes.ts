// The routes of recovery plans: read, save, change, delete, run.

import type { SimulatorResponse } from '../wire/exchange.ts';
import { armError, listResponse } from './responses.ts';
import { fabricName } from './configuration-bodies.ts';
import type { PlanRecord } from './configuration-records.ts';
import { planBody, readChangedPlan, readNewPlan, type PlanView } from './plan-bodies.ts';
import { findPlanOperation } from './plan-table.ts';
import {
  acceptWrite,
  requestActivityId,
  operationFault,
  get,
  notFoundResponse,
  namedResponse,
  patch,
  post,
  put,
  remove,
  invalidResponse,
  type PathParameters,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { isSameName, MICROSOFT_AZURE, parseFabricName } from './vault.ts';

const listPlans = ({ vault, store }: VaultRequest): PlanRecord[] =>
  store.listConfiguration(vault.key, 'plan');
const findPlan = ({ vault, store }: VaultRequest, name: string): PlanRecord | undefined =>
  store.findConfiguration(vault.key, 'plan', name);

const planViewOf = ({ vault, plans, items, view }: VaultRequest): PlanView => ({
  vault,
  plans,
  providerOf: (item) => items.providerOf(item),
  fabricName: (id) => {
    if (isSameName(id, MICROSOFT_AZURE)) return MICROSOFT_AZURE;
    const name = parseFabricName(id);
    return name !== undefined && vault.fabric(name) ? fabricName(view, name) : '';
  },
});

function savePlan(
  request: VaultRequest,
  operation: string,
  name: string,
  plan: PlanRecord | undefined,
): SimulatorResponse {
  const { vault, plans, now } = request;
  return acceptWrite(request, { operation, name, resource: vault.planId(name) }, () =>
    plans.write(vault, operation, name, plan, requestActivityId(request), now),
  );
}

function createPlan(request: VaultRequest, { plan: name = '' }: PathParameters): SimulatorResponse {
  if (findPlan(request, name)) {
    return armError(
      400,
      'BadRequest',
      `The resource name '${name}' is not available: a recovery plan with this name exists.`,
      [{ code: 'ArmResourceNameNotAvailable', message: `The resource name '${name}' is not available.` }],
    );
  }
  const read = readNewPlan(name, request.exchange.json(), request.vault);
  return 'problem' in read
    ? invalidResponse(request, read.problem)
    : savePlan(request, 'savePlan', name, read.plan);
}

function changePlan(request: VaultRequest, { plan: name = '' }: PathParameters): SimulatorResponse {
  const plan = findPlan(request, name);
  if (!plan) return notFoundResponse(request, name);
  const read = readChangedPlan(plan, request.exchange.json(), request.vault);
  return 'problem' in read
    ? invalidResponse(request, read.problem)
    : savePlan(request, 'updatePlan', plan.name, read.plan);
}

function deletePlan(request: VaultRequest, { plan: name = '' }: PathParameters): SimulatorResponse {
  const plan = findPlan(request, name);
  return plan ? savePlan(request, 'deletePlan', plan.name, undefined) : notFoundResponse(request, name);
}

function runPlan(
  request: VaultRequest,
  { plan: name = '', action = '' }: PathParameters,
): SimulatorResponse | undefined {
  const operation = findPlanOperation(action);
  if (operation === undefined) return undefined;
  const plan = findPlan(request, name);
  if (!plan) return notFoundResponse(request, name);
  const { vault, plans, exchange, now } = request;
  const provider = plans.providersOf(plan)[0];
  if (!provider || !(operation in provider.table.planPhases))
    return invalidResponse(request, 'The recovery plan has no machine that can do this.');
  const read = provider.planInput(operation, exchange.json());
  if ('problem' in read) return invalidResponse(request, read.problem);
  const [first] = plans.itemsOf(plan);
  const actual = (first && provider.variantOf?.(operation, first, read.input)) ?? operation;
  return acceptWrite(request, { operation, name: plan.name, resource: vault.planId(plan.name) }, () =>
    plans.accept({
      vault,
      plan,
      operation: actual,
      input: read.input,
      activityId: requestActivityId(request),
      fault: (subject) => operationFault(request, subject)(),
      now,
    }),
  );
}

export const planRoutes: VaultRoute[] = [
  get('replicationRecoveryPlans', (request) =>
    listResponse(listPlans(request).map((plan) => planBody(plan, planViewOf(request), true))),
  ),
  get('replicationRecoveryPlans/{plan}', (request, { plan = '' }) =>
    namedResponse(request, listPlans(request), plan, (found) => planBody(found, planViewOf(request), false)),
  ),
  put('replicationRecoveryPlans/{plan}', createPlan),
  patch('replicationRecoveryPlans/{plan}', changePlan),
  remove('replicationRecoveryPlans/{plan}', deletePlan),
  post('replicationRecoveryPlans/{plan}/{action}', runPlan),
];
