// GET /api/v1/replications: the replicated VMs that Lifeboat knows, under its own ids.
import { json } from '../../shared/http/problem.ts';
import { replicationView } from '../../shared/api/views.ts';
import { allVms } from '../../shared/replications/registry.ts';
import { door } from './door.ts';

door('listReplications', 'GET /api/v1/replications', async () => {
  const vms = await allVms();
  return json(200, { replications: vms.sort((a, b) => a.name.localeCompare(b.name)).map(replicationView) });
});
