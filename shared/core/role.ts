// The roles of Lifeboat. Nobody has a role by default.

export const Role = {
  owner: 'Owner',
  contributor: 'Contributor',
  operator: 'Operator',
  reader: 'Reader',
  /** Says yes or no to what others have begun, and sees what that is about. */
  approver: 'Approver',
  /** Of who sends alerts; nothing else is open to it. */
  alerts: 'Alerts',
} as const;
export type Role = (typeof Role)[keyof typeof Role];
