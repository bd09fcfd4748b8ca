// Every removed guard, by theme.
import type { Table } from './mutant.ts';
import { attempts } from './table/attempts.ts';
import { addresses, app, keys, limits, nonces, tokens, versions } from './table/routes.ts';
import { epochs, locks } from './table/locks.ts';
import {
  confirmations,
  diskAccounts,
  excluded,
  onTheWay,
  places,
  removals,
  reports,
} from './table/features.ts';
import { leases, numbers } from './table/delivery.ts';
import { holding, sending } from './table/sending.ts';
import { alerts, approvals, drills, schedules } from './table/plans.ts';
import { scenarios } from './table/scenarios.ts';
import { triggers } from './table/triggers.ts';
import { vmware } from './table/vmware.ts';

export const TABLE: Table = {
  attempts,
  sending,
  holding,
  epochs,
  locks,
  tokens,
  nonces,
  keys,
  versions,
  limits,
  addresses,
  leases,
  numbers,
  approvals,
  drills,
  schedules,
  scenarios,
  vmware,
  alerts,
  triggers,
  removals,
  onTheWay,
  reports,
  diskAccounts,
  places,
  excluded,
  confirmations,
  app,
};
