// Alerts from outside, and the fields that Lifeboat reads.
import {
  CommonAlert,
  alertFromAzureMonitor,
  alertFromGeneric,
  GenericAlert,
} from '../../../shared/alerts/rules/alert.ts';
import { azureMonitorAlert, genericAlert, serviceHealthAlert } from '../../support/alerts.ts';

test('Azure Monitor, fired and resolved: one id, its severity, its resources, and its dimensions [TRG-4]', () => {
  const fired = alertFromAzureMonitor(
    CommonAlert.parse(
      azureMonitorAlert({
        id: 'a1',
        firedAt: '2026-01-05T08:00:00.1234567Z',
        customProperties: { Region: 'East Asia', tier: 'Front' },
      }),
    ),
  );
  expect(fired).toEqual({
    source: 'azureMonitor',
    id: '/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/a1',
    name: 'web is dark',
    severity: 1,
    signal: 'Metric',
    description: 'No heartbeat',
    resources: ['/subscriptions/s/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web'],
    regions: ['eastasia'],
    dimensions: { region: ['east asia'], tier: ['front'], computer: ['web'] },
    firedAt: '2026-01-05T08:00:00.123Z',
    resolvedAt: null,
  });
  const resolved = alertFromAzureMonitor(
    CommonAlert.parse(
      azureMonitorAlert({
        id: 'a1',
        firedAt: '2026-01-05T08:00:00.1234567Z',
        resolvedAt: '2026-01-05T08:09:00Z',
      }),
    ),
  );
  expect(resolved).toMatchObject({
    id: fired.id,
    firedAt: fired.firedAt,
    resolvedAt: '2026-01-05T08:09:00.000Z',
    regions: [],
  });
});

test('Service Health names several regions in its context [TRG-4]', () => {
  expect(alertFromAzureMonitor(CommonAlert.parse(serviceHealthAlert('2026-01-05T08:00:00Z')))).toMatchObject({
    signal: 'Activity Log',
    regions: ['eastasia', 'southeastasia'],
  });
});

test('an alert of another sender [TRG-4]', () => {
  expect(
    alertFromGeneric(
      GenericAlert.parse(genericAlert({ id: 'x', firedAt: '2026-01-05T08:00:00Z', severity: 'Sev0' })),
    ),
  ).toMatchObject({
    source: 'generic',
    id: 'x',
    severity: 0,
    regions: ['eastasia'],
    dimensions: { tier: ['front'] },
    resolvedAt: null,
  });
});

test('Lifeboat refuses an invalid alert by its field [TRG-4]', () => {
  const good = azureMonitorAlert({ id: 'a1', firedAt: '2026-01-05T08:00:00Z' });
  for (const [wrong, field] of [
    [{ ...good, schemaId: 'AzureMonitorMetricAlert' }, 'schemaId'],
    [{}, 'schemaId'],
    [
      {
        ...good,
        data: { ...good.data, essentials: { ...good.data.essentials, firedDateTime: 'yesterday' } },
      },
      'data.essentials.firedDateTime',
    ],
    [
      {
        ...good,
        data: { ...good.data, essentials: { ...good.data.essentials, monitorCondition: 'Perhaps' } },
      },
      'data.essentials.monitorCondition',
    ],
  ] as const)
    expect(CommonAlert.safeParse(wrong).error?.issues.map(({ path }) => path.join('.'))).toContain(field);
  const generic = genericAlert({ id: 'x', firedAt: '2026-01-05T08:00:00Z' });
  for (const wrong of [
    { ...generic, severity: 7 },
    { ...generic, id: '' },
    { ...generic, start: true },
    { ...generic, condition: 'resolved' },
    { ...generic, resolvedAt: '2026-01-05T08:00:00Z' },
  ])
    expect(GenericAlert.safeParse(wrong).success).toBe(false);
});
