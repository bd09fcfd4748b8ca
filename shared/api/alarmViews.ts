// The public form of an alarm. The alarm routes call it.
import type { AlarmDocument } from '../alarms/documents.ts';
import { planPath } from './views.ts';

/** The public form of an alarm. */
export const alarmView = ({
  jobId,
  kind,
  planId,
  planName,
  vm,
  vmName,
  message,
  raisedAt,
  clearedAt,
  clearedBecause,
  count,
}: AlarmDocument) => ({
  id: jobId,
  kind,
  open: clearedAt === null,
  plan: planId === null ? null : { id: planId, name: planName ?? planId },
  vm: vm === null ? null : { id: vm, name: vmName ?? vm },
  message,
  raisedAt,
  clearedAt,
  clearedBecause,
  count,
  links: { self: `/api/v1/alarms/${jobId}`, plan: planId === null ? null : planPath(planId) },
});
