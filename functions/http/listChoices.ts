// GET /api/v1/choices: what may be chosen for a source, the best first.
import { choices } from '../../shared/enabling/offers.ts';
import { json } from '../../shared/http/problem.ts';
import { ChoicesQuery } from '../../shared/enabling/sourceQueries.ts';
import { door } from './door.ts';
import { queryOf } from './input.ts';

door('listChoices', 'GET /api/v1/choices', async (request) =>
  json(200, await choices(queryOf(request, ChoicesQuery))),
);
