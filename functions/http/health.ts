// GET /api/v1/health and /ready: whether the app answers at all, with settings that are right,
// which anybody may ask; and whether what it stands on does.
import { config } from '../../shared/core/config.ts';
import { json } from '../../shared/http/problem.ts';
import { readiness } from '../../shared/jobs/ready.ts';
import { walks } from '../walks.ts';
import { door, openDoor } from './door.ts';

openDoor('health', 'GET /api/v1/health', () => {
  // With wrong settings nothing works: it says which, as every route does.
  config();
  return Promise.resolve(json(200, { status: 'alive' }));
});

door('ready', 'GET /api/v1/ready', async (_request, _caller, context) => {
  const checks = await readiness(walks(context));
  const worst = ['fail', 'warn'].find((verdict) => checks.some((check) => check.verdict === verdict));
  const status = worst === 'fail' ? 'notReady' : worst === 'warn' ? 'degraded' : 'ready';
  return json(status === 'notReady' ? 503 : 200, { status, checks });
});
