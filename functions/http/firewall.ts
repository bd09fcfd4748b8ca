// GET /api/v1/firewall: what a firewall or proxy must let through, in this cloud and region.
import { firewallView } from '../../shared/api/firewall.ts';
import { json } from '../../shared/http/problem.ts';
import { FirewallQuery } from '../../shared/api/queries.ts';
import { door } from './door.ts';
import { queryOf } from './input.ts';

door('firewall', 'GET /api/v1/firewall', (request) =>
  Promise.resolve(json(200, firewallView(queryOf(request, FirewallQuery)))),
);
