namespace PayRecharge.UnitTests.Support;

/// <summary>All that can be read from an object, to see that nothing changed.</summary>
internal static class Snapshot
{
    public static string[] Of<T>(T subject) where T : notnull =>
        [.. typeof(T).GetProperties().Where(p => p.GetIndexParameters().Length == 0).Select(p => $"{p.Name}={p.GetValue(subject)}")];
}
