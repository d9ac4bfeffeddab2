using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>Ends what the fixtures of all namespaces below shared.</summary>
[SetUpFixture]
internal sealed class OneServerForAll
{
    [OneTimeTearDown]
    public Task StopAsync() => Database.StopServerAsync();
}
