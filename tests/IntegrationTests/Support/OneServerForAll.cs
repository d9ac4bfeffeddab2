using PayRecharge.IntegrationTests.Support;

// Parallel tests mostly wait for time to pass or for another process.
[assembly: LevelOfParallelism(6)]

namespace PayRecharge.IntegrationTests;

/// <summary>Stops the database server that all fixtures share.</summary>
[SetUpFixture]
internal sealed class OneServerForAll
{
    [OneTimeTearDown]
    public Task StopAsync() => Database.StopServerAsync();
}
