// What the simulator offers beside Azure, for its starter and for tests:
//
//   GET, POST, DELETE /faults, DELETE /faults/{id}     what goes wrong (wire/fault.ts)
//   GET /siterecovery/…                                what Site Recovery truly did (siterecovery/admin.ts)
//   GET, POST /arm/budgets                             how many calls ARM takes (arm/budgets.ts)
//   GET /arm/calls                                     how many it took, and how many it throttled
//   GET, PATCH /cosmos { ranges?, throughput? }        key ranges and request units (cosmos/settings.ts)
//   POST /tokens { who, resource? }                    a token for one of the simulator's principals:
//     for ARM if the principal has rights there, otherwise for Lifeboat, unless `resource` names
//     another audience

import * as z from 'zod';
import { ARM_AUDIENCES, APP_AUDIENCE, PRINCIPALS, findPrincipal } from '../identity/directory.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { SimulatorResponse, Exchange, Handler } from '../wire/exchange.ts';
import { readFaultRule } from '../wire/fault-schema.ts';
import type { Faults } from '../wire/fault.ts';

export interface AdminOptions {
  readonly faults: Faults;
  readonly tokens: Tokens;
  readonly siteRecovery: Handler;
  readonly arm: Handler;
  readonly cosmos: Handler;
}

const tokenRequestSchema = z.strictObject({ who: z.string(), resource: z.string().exactOptional() });
const errorResponse = (status: number, message: string): SimulatorResponse => ({ status, body: { message } });

export function createAdmin({ faults, tokens, siteRecovery, arm, cosmos }: AdminOptions): Handler {
  return (exchange) => {
    const [, section = '', id] = (exchange.path.split('?')[0] ?? '').split('/');
    switch (section) {
      case 'faults':
        return handleFaults(faults, exchange, id === undefined ? undefined : decodeURIComponent(id));
      case 'siterecovery':
        return siteRecovery(exchange);
      case 'arm':
        return arm(exchange);
      case 'cosmos':
        return cosmos(exchange);
      case 'tokens':
        return issueToken(tokens, exchange);
      default:
        return errorResponse(404, 'There are /faults, /siterecovery, /arm, /cosmos and /tokens here.');
    }
  };
}

function handleFaults(faults: Faults, exchange: Exchange, id: string | undefined): SimulatorResponse {
  switch (exchange.method) {
    case 'GET':
      return { status: 200, body: faults.list() };
    case 'POST':
      return addFault(faults, exchange.json());
    case 'DELETE':
      for (const rule of faults.list()) if (id === undefined || rule.id === id) faults.remove(rule.id);
      return { status: 204 };
    default:
      return errorResponse(405, 'Faults are read, added and deleted.');
  }
}

function addFault(faults: Faults, body: unknown): SimulatorResponse {
  const read = readFaultRule(body);
  if ('wrong' in read) return errorResponse(400, read.wrong);
  try {
    faults.add(read.rule);
    return { status: 201, body: read.rule };
  } catch (error) {
    return errorResponse(400, error instanceof Error ? error.message : String(error));
  }
}

function issueToken(tokens: Tokens, exchange: Exchange): SimulatorResponse {
  const read = tokenRequestSchema.safeParse(exchange.json());
  if (exchange.method !== 'POST' || !read.success)
    return errorResponse(400, 'Expected POST { who: string, resource?: string }.');
  const principal = findPrincipal(read.data.who);
  if (principal === undefined)
    return errorResponse(
      404,
      `Nobody is called "${read.data.who}": there are ${PRINCIPALS.map(({ name }) => name).join(', ')}.`,
    );
  const defaultAudience = principal.hasArmAccess ? ARM_AUDIENCES[0] : APP_AUDIENCE;
  return {
    status: 200,
    body: { token: tokens.issue(principal, read.data.resource ?? defaultAudience ?? APP_AUDIENCE) },
  };
}
