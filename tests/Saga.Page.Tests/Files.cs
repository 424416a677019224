using Microsoft.Playwright;
using Saga.Api.Tests;

namespace Saga.Page.Tests;

/// <summary>Files as a person chooses or drops them.</summary>
internal static class Files
{
    public static FilePayload Ply => Of("blobs.ply", TwoBlobs.Ply);

    public static FilePayload Cameras => Of("cameras.json", TwoBlobs.Cameras);

    public static FilePayload Masks => Of("masks.zip", TwoBlobs.Masks);

    public static FilePayload Of(string name, byte[] bytes) => new() { Name = name, MimeType = "application/octet-stream", Buffer = bytes };

    public static Task ChooseAsync(this IPage page, params FilePayload[] files) => page.GetByTestId("files").SetInputFilesAsync(files);

    /// <summary>Lets go of a file above the page.</summary>
    public static async Task DropAsync(this IPage page, FilePayload file)
    {
        IJSHandle data = await page.EvaluateHandleAsync(
            """
            ([name, base64]) => {
              const data = new DataTransfer();
              data.items.add(new File([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], name));
              return data;
            }
            """,
            new[] { file.Name, Convert.ToBase64String(file.Buffer) });
        await page.DispatchEventAsync("body", "dragover", new { dataTransfer = data });
        await page.DispatchEventAsync("body", "drop", new { dataTransfer = data });
    }
}
