// Alerts in the form of Azure Monitor and of other senders, and the signature of a sender with a
// key.
import { createHmac, randomUUID } from 'node:crypto';

interface AlertInput {
  readonly id: string;
  readonly firedAt: string;
  readonly resolvedAt?: string;
  readonly severity?: string;
  readonly customProperties?: Readonly<Record<string, string>>;
  readonly targets?: readonly string[];
}

const WEB_VM_ID = '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web';

/** The common alert schema, with the fields that Azure Monitor sends for a metric. */
export const azureMonitorAlert = ({
  id,
  firedAt,
  resolvedAt,
  severity = 'Sev1',
  customProperties,
  targets = [WEB_VM_ID],
}: AlertInput) => ({
  schemaId: 'azureMonitorCommonAlertSchema',
  data: {
    essentials: {
      alertId: `/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/${id}`,
      alertRule: 'web is dark',
      severity,
      signalType: 'Metric',
      monitorCondition: resolvedAt === undefined ? 'Fired' : 'Resolved',
      monitoringService: 'Platform',
      configurationItems: ['web'],
      alertTargetIDs: targets,
      originAlertId: `origin-${id}`,
      firedDateTime: firedAt,
      ...(resolvedAt === undefined ? {} : { resolvedDateTime: resolvedAt }),
      description: 'No heartbeat',
      essentialsVersion: '1.0',
      alertContextVersion: '1.0',
    },
    alertContext: {
      properties: null,
      conditionType: 'SingleResourceMultipleMetricCriteria',
      condition: {
        windowSize: 'PT5M',
        allOf: [
          {
            metricName: 'Heartbeat',
            metricNamespace: 'Microsoft.Compute/virtualMachines',
            operator: 'LessThan',
            threshold: '1',
            timeAggregation: 'Count',
            dimensions: [{ name: 'Computer', value: 'web' }],
            metricValue: 0,
          },
        ],
      },
    },
    ...(customProperties && { customProperties }),
  },
});

export const serviceHealthAlert = (firedAt: string) => ({
  schemaId: 'azureMonitorCommonAlertSchema',
  data: {
    essentials: {
      alertId: '/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/health',
      alertRule: 'Service health',
      severity: 'Sev4',
      signalType: 'Activity Log',
      monitorCondition: 'Fired',
      monitoringService: 'ServiceHealth',
      alertTargetIDs: ['/subscriptions/s'],
      originAlertId: 'origin',
      firedDateTime: firedAt,
      description: '',
      essentialsVersion: '1.0',
      alertContextVersion: '1.0',
    },
    alertContext: {
      authorization: null,
      properties: {
        title: 'Power',
        service: 'Virtual Machines',
        region: 'East Asia, Southeast Asia',
        incidentType: 'Incident',
        trackingId: 'NX6R-9D0',
      },
    },
  },
});

export const genericAlert = ({
  id,
  firedAt,
  resolvedAt,
  severity = 'Sev1',
  regions = ['East Asia'],
}: AlertInput & { readonly regions?: readonly string[] }) => ({
  id,
  condition: resolvedAt === undefined ? 'fired' : 'resolved',
  name: 'web is dark',
  severity,
  firedAt,
  ...(resolvedAt === undefined ? {} : { resolvedAt }),
  regions,
  dimensions: { tier: 'front' },
});

export interface AlertKey {
  readonly id: string;
  readonly secret: string;
}

/** Signs as a sender does: the time, a new nonce for each try, and the body. */
export function signedHeaders(
  body: string | Buffer,
  key: AlertKey,
  { at = Date.now(), nonce = randomUUID() }: { readonly at?: number; readonly nonce?: string } = {},
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const digest = createHmac('sha256', Buffer.from(key.secret, 'base64'))
    .update(`${timestamp}.${nonce}.`)
    .update(body)
    .digest('base64');
  return {
    'webhook-timestamp': timestamp,
    'webhook-nonce': nonce,
    'webhook-signature': `v1,${key.id},${digest}`,
  };
}
