using PayRecharge.IntegrationTests.Support;

// Tests that run beside others wait for time to pass or for another process, more than they work.
[assembly: LevelOfParallelism(6)]

namespace PayRecharge.IntegrationTests;

/// <summary>Ends what the fixtures of all namespaces below shared.</summary>
[SetUpFixture]
internal sealed class OneServerForAll
{
    [OneTimeTearDown]
    public Task StopAsync() => Database.StopServerAsync();
}
