// Recovery plans: read, saved, changed, deleted, run.

import type { Answer } from '../wire/exchange.ts';
import { armError, list } from './answers.ts';
import type { PlanRecord } from './ground-records.ts';
import { planBody, readChangedPlan, readNewPlan, type PlanView } from './plan-bodies.ts';
import { planOperationNamed } from './plan-table.ts';
import {
  accept,
  activity,
  faultFor,
  get,
  missing,
  one,
  patch,
  post,
  put,
  remove,
  wrong,
  type Names,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { fabricIn } from './vault.ts';

const plansOf = ({ vault, store }: VaultRequest): PlanRecord[] => store.things(vault.key, 'plan');
const planAt = ({ vault, store }: VaultRequest, name: string): PlanRecord | undefined =>
  store.thing(vault.key, 'plan', name);

const viewOf = ({ vault, plans, items, view }: VaultRequest): PlanView => ({
  vault,
  plans,
  providerOf: (item) => items.providerOf(item),
  fabricName: (id) => {
    const fabric = vault.fabric(fabricIn(id) ?? '');
    return fabric ? view.groundOf(fabric.settings.instanceType).fabricName(fabric, vault) : '';
  },
});

function save(request: VaultRequest, operation: string, name: string, plan: PlanRecord | undefined): Answer {
  const { vault, plans, now } = request;
  return accept(request, { operation, name, resource: vault.planId(name) }, () =>
    plans.write(vault, operation, name, plan, activity(request), now),
  );
}

function create(request: VaultRequest, { plan: name = '' }: Names): Answer {
  if (planAt(request, name)) {
    return armError(
      400,
      'BadRequest',
      `The resource name '${name}' is not available: a recovery plan with this name exists.`,
      [{ code: 'ArmResourceNameNotAvailable', message: `The resource name '${name}' is not available.` }],
    );
  }
  const read = readNewPlan(name, request.exchange.json(), request.vault);
  return 'problem' in read ? wrong(request, read.problem) : save(request, 'savePlan', name, read.plan);
}

function change(request: VaultRequest, { plan: name = '' }: Names): Answer {
  const plan = planAt(request, name);
  if (!plan) return missing(request, name);
  const read = readChangedPlan(plan, request.exchange.json(), request.vault);
  return 'problem' in read ? wrong(request, read.problem) : save(request, 'updatePlan', plan.name, read.plan);
}

function drop(request: VaultRequest, { plan: name = '' }: Names): Answer {
  const plan = planAt(request, name);
  return plan ? save(request, 'deletePlan', plan.name, undefined) : missing(request, name);
}

function run(request: VaultRequest, { plan: name = '', action = '' }: Names): Answer | undefined {
  const operation = planOperationNamed(action);
  if (operation === undefined) return undefined;
  const plan = planAt(request, name);
  if (!plan) return missing(request, name);
  const { vault, plans, exchange, now } = request;
  const provider = plans.providersOf(plan)[0];
  if (!provider || !(operation in provider.table.planPhases))
    return wrong(request, 'The recovery plan has no machine that can do this.');
  const read = provider.planInput(operation, exchange.json());
  if ('problem' in read) return wrong(request, read.problem);
  return accept(request, { operation, name: plan.name, resource: vault.planId(plan.name) }, () =>
    plans.accept({
      vault,
      plan,
      operation,
      input: read.input,
      activityId: activity(request),
      fault: (subject) => faultFor(request, subject)(),
      now,
    }),
  );
}

export const planRoutes: VaultRoute[] = [
  get('replicationRecoveryPlans', (request) =>
    list(plansOf(request).map((plan) => planBody(plan, viewOf(request), true))),
  ),
  get('replicationRecoveryPlans/{plan}', (request, { plan = '' }) =>
    one(request, plansOf(request), plan, (found) => planBody(found, viewOf(request), false)),
  ),
  put('replicationRecoveryPlans/{plan}', create),
  patch('replicationRecoveryPlans/{plan}', change),
  remove('replicationRecoveryPlans/{plan}', drop),
  post('replicationRecoveryPlans/{plan}/{action}', run),
];
