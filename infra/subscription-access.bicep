// What Lifeboat may do in a subscription in which it makes vaults and targets, and replicates VMs, and runs what plans do around them: exactly the actions that its code uses.
targetScope = 'subscription'

param name string
param principalId string

var agreement = loadJsonContent('agreement.json')

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, name, 'lifeboat')
  properties: {
    roleName: 'Lifeboat ${name} (${subscription().subscriptionId})'
    description: 'Prepares vaults and targets, enables replication, drives Site Recovery, and runs the runbooks and scripts of plans.'
    type: 'CustomRole'
    permissions: [{ actions: union(agreement.armActions.operate, agreement.armActions.drill, agreement.armActions.groups, agreement.armActions.manage, agreement.armActions.read, agreement.armActions.actions), notActions: [] }]
    assignableScopes: [subscription().id]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, role.id)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: role.id }
}
