// POST /api/v1/readiness: whether VMs are ready to be replicated, or still are: each check with its
// verdict and its remedy.
import { comingVms } from '../../shared/jobs/comingVms.ts';
import { reportOn, reportsOnReplicated } from '../../shared/enabling/readiness.ts';
import { EnableWish } from '../../shared/enabling/rules/request/request.ts';
import { json } from '../../shared/http/problem.ts';
import { ReplicatedVms } from '../../shared/api/queries.ts';
import { parse } from '../../shared/core/parse.ts';
import { door } from './door.ts';
import { bodyOf } from './input.ts';

/** A wish says where to; of VMs that replicate already that is known. */
const isWish = (body: unknown): boolean => typeof body === 'object' && body !== null && 'target' in body;

door('checkReadiness', 'POST /api/v1/readiness', async (request) => {
  const body = await bodyOf(request);
  const reports = isWish(body)
    ? [await reportOn(parse(EnableWish, body, 'The wish'), comingVms)]
    : await reportsOnReplicated(parse(ReplicatedVms, body, 'The list of replicated VMs').vms, comingVms);
  return json(200, { reports });
});
