namespace PayRecharge.IntegrationTests.Sandbox;

/// <summary>A new sandbox for every test.</summary>
internal abstract class SandboxFixture
{
    protected SandboxHost Sandbox { get; private set; } = null!;

    protected virtual TimeProvider? Clock => null;

    [SetUp]
    public async Task StartSandbox() => Sandbox = await SandboxHost.StartAsync(Clock);

    [TearDown]
    public ValueTask StopSandbox() => Sandbox.DisposeAsync();
}
