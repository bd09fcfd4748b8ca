// GET /api/v1/sources/vms: the VMs of a source, and whether each can be protected.
import { sourceVms } from '../../shared/enabling/offers.ts';
import { json } from '../../shared/http/problem.ts';
import { SourcesQuery } from '../../shared/enabling/sourceQueries.ts';
import { door } from './door.ts';
import { queryOf } from './input.ts';

door('listSourceVms', 'GET /api/v1/sources/vms', async (request) => {
  const vms = await sourceVms(queryOf(request, SourcesQuery));
  return json(200, {
    vms: vms.map(({ vm, canBeProtected, reasons }) => ({ ...vm, canBeProtected, reasons })),
  });
});
