// Every route that there is, described. Whoever adds a route to shared/access/roles.ts is told by
// the compiler that it is missing here.
import type { OpenRoute, Route } from '../../access/roles.ts';
import { ALARMS } from './alarms.ts';
import { ALERTS } from './alerts.ts';
import { CALLBACKS } from './callbacks.ts';
import type { Described } from './described.ts';
import { ENABLING } from './enabling.ts';
import { JOBS } from './jobs.ts';
import { PLANS } from './plans.ts';
import { REPLICATIONS } from './replications.ts';
import { SCHEDULES } from './schedules.ts';
import { SERVICE } from './service.ts';
import { VAULTS } from './vaults.ts';

export const API: Readonly<Record<Route | OpenRoute, Described>> = {
  ...JOBS,
  ...REPLICATIONS,
  ...VAULTS,
  ...ENABLING,
  ...PLANS,
  ...CALLBACKS,
  ...ALERTS,
  ...SCHEDULES,
  ...ALARMS,
  ...SERVICE,
};
