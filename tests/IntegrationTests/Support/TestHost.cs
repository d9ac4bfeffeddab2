using System.Diagnostics;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>
/// The entry point of this assembly as a program: it starts a program as the tests do, prints its id, and waits forever. A test uses it to
/// check what happens to such a program when the test process is killed.
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
