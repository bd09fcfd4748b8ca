// What Lifeboat may do in a subscription in which it makes vaults and targets, and replicates VMs, and runs what plans do around them:
// exactly the actions that its code uses, and those that Site Recovery asks of its caller for the resources that a request names.
targetScope = 'subscription'

param name string
param principalId string
param classicModel bool

var agreement = loadJsonContent('agreement.json')
var used = union(agreement.armActions.operate, agreement.armActions.drill, agreement.armActions.groups, agreement.armActions.manage, agreement.armActions.read, agreement.armActions.actions, agreement.armActions.registration, agreement.armActions.sites)
var actions = filter(union(used, agreement.armActions.linked), action => classicModel || !startsWith(action, 'Microsoft.Classic'))

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, name, 'lifeboat')
  properties: {
    roleName: 'Lifeboat ${name} (${subscription().subscriptionId})'
    description: 'Prepares vaults and targets, enables replication, drives Site Recovery, and runs the runbooks and scripts of plans.'
    type: 'CustomRole'
    permissions: [{ actions: actions, notActions: [] }]
    assignableScopes: [subscription().id]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, role.id)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: role.id }
}
