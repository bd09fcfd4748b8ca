// A resource of Azure Resource Manager.

export type Properties = Readonly<Record<string, unknown>>;
export interface Resource {
  /** With the casing it was made with. Azure finds it whatever the casing. */
  readonly id: string;
  readonly name: string;
  /** As Azure writes it: Microsoft.Compute/virtualMachines. */
  readonly type: string;
  /** The region's short name. What belongs to no region (subscriptions, tenants) has none. */
  readonly location?: string;
  readonly zones?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly sku?: Properties;
  readonly kind?: string;
  readonly identity?: Properties;
  readonly etag?: string;
  readonly managedBy?: string;
  readonly properties: Properties;
  /** What no body shows: whether a machine runs, how much room a placement group has. */
  readonly hidden?: Properties;
}
