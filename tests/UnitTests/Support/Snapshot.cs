namespace PayRecharge.UnitTests.Support;

/// <summary>The values of all public properties, to check that nothing changed.</summary>
internal static class Snapshot
{
    public static string[] Of<T>(T subject) where T : notnull =>
        [.. typeof(T).GetProperties().Where(p => p.GetIndexParameters().Length == 0).Select(p => $"{p.Name}={p.GetValue(subject)}")];
}
