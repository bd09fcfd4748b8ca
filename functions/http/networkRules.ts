// POST /api/v1/network-rules: the security rules that would let VMs replicate, ready to apply.
// Nothing is applied.
import { mendingFor } from '../../shared/enabling/readiness.ts';
import { json } from '../../shared/http/problem.ts';
import { NetworkRulesWish } from '../../shared/api/queries.ts';
import { parse } from '../../shared/core/parse.ts';
import { door } from './door.ts';
import { bodyOf } from './input.ts';

door('networkRules', 'POST /api/v1/network-rules', async (request) =>
  json(200, await mendingFor(parse(NetworkRulesWish, await bodyOf(request), 'The list of VMs'))),
);
