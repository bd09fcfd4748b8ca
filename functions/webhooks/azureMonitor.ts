// POST /api/v1/alerts/azure-monitor: an alert in Azure Monitor's common schema, by a secure
// webhook, which brings a token of Entra ID.
import { follow } from '../../shared/alerts/act.ts';
import { bringerWithToken, letIn } from '../../shared/alerts/receive.ts';
import { CommonAlert, fromAzureMonitor } from '../../shared/alerts/rules/alert.ts';
import { json } from '../../shared/http/problem.ts';
import { parse } from '../../shared/core/parse.ts';
import { door } from '../http/door.ts';
import { bodyOf } from '../http/input.ts';
import { beginning } from '../walks.ts';

door('azureMonitorAlert', 'POST /api/v1/alerts/azure-monitor', async (request, caller, context) => {
  const taken = await letIn(
    fromAzureMonitor(parse(CommonAlert, await bodyOf(request), 'The alert')),
    bringerWithToken(caller),
  );
  await follow(taken, beginning(context), (message) => context.warn(message));
  return json(202, { alert: taken.id, how: taken.how });
});
