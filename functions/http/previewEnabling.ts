// POST /api/v1/previews: what enabling replication would do, and nothing is done.
import { comingVms } from '../../shared/jobs/comingVms.ts';
import { PrepareWish } from '../../shared/enabling/rules/request/request.ts';
import { json } from '../../shared/http/problem.ts';
import { parse } from '../../shared/core/parse.ts';
import { previewOf } from '../../shared/enabling/previewNow.ts';
import { door } from './door.ts';
import { bodyOf } from './input.ts';

door('previewEnabling', 'POST /api/v1/previews', async (request) => {
  const { preview } = await previewOf(parse(PrepareWish, await bodyOf(request), 'The wish'), comingVms);
  return json(200, preview);
});
