using System.Diagnostics;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>
/// What this assembly does when it is run as a program: it starts a program as the tests do, tells its id, and waits for ever. So a
/// test can see what becomes of such a program when the process of the tests is killed.
/// </summary>
internal static class TestHost
{
    public static async Task Main(string[] arguments)
    {
        using var child = ChildProcess.Start(new ProcessStartInfo(arguments[0], arguments[1..]));
        Console.WriteLine(child.Id);
        await Task.Delay(Timeout.Infinite);
    }
}
