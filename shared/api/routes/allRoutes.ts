// Collects the descriptions of all routes. The compiler reports each route of
// shared/access/roles.ts without a description here.
import type { RouteWithoutToken, Route } from '../../access/roles.ts';
import { ALARM_ROUTES } from './alarms.ts';
import { ALERT_ROUTES } from './alerts.ts';
import { CALLBACK_ROUTES } from './callbacks.ts';
import type { RouteDescription } from './routeDescription.ts';
import { ENABLING_ROUTES } from './enabling.ts';
import { INBOX_ROUTES } from './inbox.ts';
import { JOB_ROUTES } from './jobs.ts';
import { PLAN_ROUTES } from './plans.ts';
import { REPLICATION_ROUTES } from './replications.ts';
import { SCHEDULE_ROUTES } from './schedules.ts';
import { SERVICE_ROUTES } from './service.ts';
import { VAULT_ROUTES } from './vaults.ts';

/** The description of every route, by method and path. */
export const ALL_ROUTES: Readonly<Record<Route | RouteWithoutToken, RouteDescription>> = {
  ...JOB_ROUTES,
  ...INBOX_ROUTES,
  ...REPLICATION_ROUTES,
  ...VAULT_ROUTES,
  ...ENABLING_ROUTES,
  ...PLAN_ROUTES,
  ...CALLBACK_ROUTES,
  ...ALERT_ROUTES,
  ...SCHEDULE_ROUTES,
  ...ALARM_ROUTES,
  ...SERVICE_ROUTES,
};
