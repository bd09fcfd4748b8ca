// The admin server of the simulator. Azure has no such server; the simulator's starter and tests
// use it:
//
//   GET, POST, DELETE /faults, DELETE /faults/{id}     the fault rules (wire/fault.ts)
//   GET /siterecovery/…                                the true state of Site Recovery (siterecovery/admin.ts)
//   GET, POST /arm/budgets                             the call budgets of ARM (arm/budgets.ts)
//   GET /arm/calls                                     the counts of accepted and throttled calls
//   GET, PATCH /cosmos { ranges?, throughput? }        key ranges and request units (cosmos/settings.ts)
//   POST /tokens { who, resource? }                    a token for one of the simulator's principals.
//     The audience is `resource`. The default is ARM if the principal has rights there, otherwise
//     Lifeboat.

import * as z from 'zod';
import { ARM_AUDIENCES, APP_AUDIENCE, PRINCIPALS, findPrincipal } from '../identity/directory.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { SimulatorResponse, Exchange, Handler } from '../wire/exchange.ts';
import { readFaultRule } from '../wire/fault-schema.ts';
import type { Faults } from '../wire/fault.ts';

/** The services that the admin server controls. */
export interface AdminOptions {
  readonly faults: Faults;
  readonly tokens: Tokens;
  readonly siteRecovery: Handler;
  readonly arm: Handler;
  readonly cosmos: Handler;
}

const tokenRequestSchema = z.strictObject({ who: z.string(), resource: z.string().exactOptional() });
const errorResponse = (status: number, message: string): SimulatorResponse => ({ status, body: { message } });

/** Creates the admin server. */
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
        return errorResponse(404, 'The admin server has /faults, /siterecovery, /arm, /cosmos and /tokens.');
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
      return errorResponse(405, 'Use GET, POST or DELETE for faults.');
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
      `No principal has the name "${read.data.who}". ` +
        `The principals are ${PRINCIPALS.map(({ name }) => name).join(', ')}.`,
    );
  const defaultAudience = principal.hasArmAccess ? ARM_AUDIENCES[0] : APP_AUDIENCE;
  return {
    status: 200,
    body: { token: tokens.issue(principal, read.data.resource ?? defaultAudience ?? APP_AUDIENCE) },
  };
}
