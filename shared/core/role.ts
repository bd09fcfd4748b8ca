// The roles of Lifeboat. A caller has no role by default.

/** The app roles of Lifeboat in Entra ID. */
export const Role = {
  owner: 'Owner',
  contributor: 'Contributor',
  operator: 'Operator',
  reader: 'Reader',
  /** Approves or refuses the requests of others, and may read their subject. */
  approver: 'Approver',
  /** The role of an alert sender. It opens only the alert route. */
  alerts: 'Alerts',
} as const;
export type Role = (typeof Role)[keyof typeof Role];
