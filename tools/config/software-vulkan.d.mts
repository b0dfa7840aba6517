export declare function softwareVulkanEnv(): Promise<Record<string, string>>;
