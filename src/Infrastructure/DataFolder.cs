namespace PayRecharge.Infrastructure;

internal static class DataFolder
{
    /// <summary>Makes a folder that only its owner may enter: the database in it holds the merchant's key. One that exists stays as it is.</summary>
    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
