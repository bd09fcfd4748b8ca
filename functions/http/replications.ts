// /api/v1/replications: the replicated VMs and the VMs on their way, under ids of Lifeboat.
import type { HttpRequest } from '@azure/functions';
import { ReplicationsQuery } from '../../shared/api/queries.ts';
import { replicationView } from '../../shared/api/views.ts';
import { clock } from '../../shared/core/clock.ts';
import { rejected } from '../../shared/core/errors.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import {
  findEnablingReplication,
  listedVm,
  listReplications as listMatching,
  type ListedReplication,
} from '../../shared/jobs/listReplications.ts';
import type { ReplicatedVmDocument } from '../../shared/replications/documents.ts';
import { findEnablingVm } from '../../shared/replications/findEnablingVm.ts';
import { readReplication as readInAzure } from '../../shared/replications/readReplication.ts';
import { findVms } from '../../shared/replications/registry.ts';
import { vmStateOf } from '../../shared/scenarios/drivers.ts';
import { VmState } from '../../shared/scenarios/lifecycle.ts';
import { pageOfList } from '../../shared/store/continuationTokens.ts';
import { pathPart, queryOf } from './input.ts';

export async function listReplications(request: HttpRequest): Promise<HttpAnswer> {
  const { limit, continuation, ...filter } = queryOf(request, ReplicationsQuery);
  const { items, next } = pageOfList(
    ['replications', filter],
    await listMatching(filter),
    limit,
    continuation,
  );
  return jsonAnswer(200, { replications: items.map(replicationView), next });
}

/** A replicated VM as Azure shows it now, or a VM on its way to protection. */
export async function readReplication(request: HttpRequest): Promise<HttpAnswer> {
  const id = pathPart(request, 'id');
  const vm = (await findVms([id]))[0] ?? (await findEnablingVm(id));
  const begun = vm && vm.lifecycleId !== null ? undefined : await findEnablingReplication(id);
  if (vm) return jsonAnswer(200, await readNow(vm, begun));
  if (begun) return jsonAnswer(200, replicationView(begun));
  throw rejected(
    404,
    'VmUnknown',
    `Lifeboat does not know a replicated VM ${id}. GET /api/v1/replications lists the known VMs.`,
  );
}

async function readNow(vm: ReplicatedVmDocument, begun: ListedReplication | undefined): Promise<object> {
  const fresh = await readInAzure(vm);
  const { protectionState, activeLocation, allowedOperations, health } = fresh;
  const seen = {
    protectionState,
    activeLocation,
    allowedOperations,
    health: health.replication,
    at: (await clock().now()).toISOString(),
  };
  const listed = { ...listedVm({ ...vm, seen }), enabling: enablingOf(vm, begun, fresh) };
  return { ...replicationView(listed), ...fresh };
}

/** Null for a VM that was protected, and for the remains of a failed enabling. */
function enablingOf(
  vm: ReplicatedVmDocument,
  begun: ListedReplication | undefined,
  { initialReplicationPercent: percent }: { readonly initialReplicationPercent: number | null },
): ListedReplication['enabling'] {
  if (vm.lifecycleId !== null || vmStateOf(vm) === VmState.enablingFailed) return null;
  return { jobId: null, stepState: null, ...begun?.enabling, percent };
}
