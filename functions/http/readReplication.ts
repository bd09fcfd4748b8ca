// GET /api/v1/replications/{id}: one replicated VM, or one on its way there, as Azure shows it now.
import { readReplication } from '../../shared/replications/readReplication.ts';
import { clock } from '../../shared/core/clock.ts';
import { rejected } from '../../shared/core/errors.ts';
import { json } from '../../shared/http/problem.ts';
import { replicationView } from '../../shared/api/views.ts';
import { comingVm } from '../../shared/replications/comingVm.ts';
import { findVms } from '../../shared/replications/registry.ts';
import { door } from './door.ts';

door('readReplication', 'GET /api/v1/replications/{id}', async (request) => {
  const id = request.params['id'] ?? '';
  const vm = (await findVms([id]))[0] ?? (await comingVm(id));
  if (!vm)
    throw rejected(
      404,
      'VmUnknown',
      `Lifeboat does not know a replicated VM ${id}. GET /api/v1/replications lists those that it knows.`,
    );
  const fresh = await readReplication(vm);
  const { protectionState, activeLocation, allowedOperations, health } = fresh;
  const seen = {
    protectionState,
    activeLocation,
    allowedOperations,
    health: health.replication,
    at: (await clock().now()).toISOString(),
  };
  return json(200, { ...replicationView({ ...vm, seen }), ...fresh });
});
