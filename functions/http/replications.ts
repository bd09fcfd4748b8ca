// /api/v1/replications: the known replicated VMs, under ids of Lifeboat.
import type { HttpRequest } from '@azure/functions';
import { replicationView } from '../../shared/api/views.ts';
import { clock } from '../../shared/core/clock.ts';
import { rejected } from '../../shared/core/errors.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { findEnablingVm } from '../../shared/replications/enablingVm.ts';
import { readReplication as readInAzure } from '../../shared/replications/readReplication.ts';
import { readAllVms, findVms } from '../../shared/replications/registry.ts';
import { pathPart } from './input.ts';

export async function listReplications(): Promise<HttpAnswer> {
  const vms = await readAllVms();
  return jsonAnswer(200, {
    replications: vms.sort((a, b) => a.name.localeCompare(b.name)).map(replicationView),
  });
}

/** A replicated VM as Azure shows it now, or a VM on its way to protection. */
export async function readReplication(request: HttpRequest): Promise<HttpAnswer> {
  const id = pathPart(request, 'id');
  const vm = (await findVms([id]))[0] ?? (await findEnablingVm(id));
  if (!vm)
    throw rejected(
      404,
      'VmUnknown',
      `Lifeboat does not know a replicated VM ${id}. GET /api/v1/replications lists the known VMs.`,
    );
  const fresh = await readInAzure(vm);
  const { protectionState, activeLocation, allowedOperations, health } = fresh;
  const seen = {
    protectionState,
    activeLocation,
    allowedOperations,
    health: health.replication,
    at: (await clock().now()).toISOString(),
  };
  return jsonAnswer(200, { ...replicationView({ ...vm, seen }), ...fresh });
}
